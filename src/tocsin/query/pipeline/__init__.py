"""The aggregation pipeline over rows: stages as values, and what they make of documents. Knows no engine."""
