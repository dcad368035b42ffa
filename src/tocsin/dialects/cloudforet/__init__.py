"""Cloudforet (SpaceONE) monitoring: its API of events, over gRPC and REST, and its webhooks."""
