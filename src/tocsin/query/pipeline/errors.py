"""What is wrong with a pipeline, or with the rows that go through it."""


class PipelineError(ValueError):
    """A pipeline that means nothing, or one that these rows cannot go through. The text says why."""
