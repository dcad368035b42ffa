"""What goes wrong, in Cloudforet's words: a status, a code for programs, and a sentence."""

from enum import Enum


class Status(Enum):
    """The statuses of gRPC that are used here, by their names there.

    Attributes:
        http: the HTTP status that a gateway makes of it.
    """

    INVALID_ARGUMENT = "INVALID_ARGUMENT", 400
    FAILED_PRECONDITION = "FAILED_PRECONDITION", 400
    UNAUTHENTICATED = "UNAUTHENTICATED", 401
    PERMISSION_DENIED = "PERMISSION_DENIED", 403
    NOT_FOUND = "NOT_FOUND", 404
    ALREADY_EXISTS = "ALREADY_EXISTS", 409
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED", 429
    INTERNAL = "INTERNAL", 500
    UNIMPLEMENTED = "UNIMPLEMENTED", 501
    UNAVAILABLE = "UNAVAILABLE", 503
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED", 504

    def __init__(self, _: str, http: int) -> None:
        self.http = http


class CloudforetError(Exception):
    """A request that fails.

    Args:
        status: what kind of failure it is.
        code: a stable word for programs, 'ERROR_...'.
        message: what is wrong, in a sentence.
        retry_after: seconds after which to try again; 0 where that is no use.
    """

    def __init__(self, status: Status, code: str, message: str, retry_after: int = 0) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after


def required(key: str) -> CloudforetError:
    """Make the error of a parameter that is missing, or empty, which is the same here."""
    message = f"Required parameter. (key = {key})"
    return CloudforetError(Status.INVALID_ARGUMENT, "ERROR_REQUIRED_PARAMETER", message)


def invalid(key: str, reason: str) -> CloudforetError:
    """Make the error of a parameter that cannot be used.

    Args:
        key: the path to it, with dots; '' for the request as a whole.
        reason: what is wrong with it.
    """
    message = f"Parameter is invalid. (key = {key}, reason = {reason})"
    return CloudforetError(Status.INVALID_ARGUMENT, "ERROR_INVALID_PARAMETER", message)


def invalid_type(key: str, expected: str) -> CloudforetError:
    """Make the error of a parameter of another type than the expected one."""
    message = f"Parameter type is invalid. (key = {key}, type = {expected})"
    return CloudforetError(Status.INVALID_ARGUMENT, "ERROR_INVALID_PARAMETER_TYPE", message)


def not_found(key: str, value: str) -> CloudforetError:
    """Make the error of something that is not there, or not there for whoever asks.

    Args:
        key: the parameter that names it; several as a Python tuple is written.
        value: what it says.
    """
    return CloudforetError(Status.NOT_FOUND, "ERROR_NOT_FOUND", f"Value not found. ({key} = {value})")


def not_unique(keys: list[str]) -> CloudforetError:
    """Make the error of values that something else has already.

    Args:
        keys: the parameters that say them.
    """
    message = f"Tried to save duplicate unique values. (keys = {keys})"
    return CloudforetError(Status.ALREADY_EXISTS, "ERROR_SAVE_UNIQUE_VALUES", message)


def unsupported_plugin(plugin_id: str, source_format: str) -> CloudforetError:
    """Make the error of a plugin that stands for a format which is not built."""
    message = f"Plugin is not supported. (plugin_id = {plugin_id}, format = {source_format})"
    return CloudforetError(Status.INVALID_ARGUMENT, "ERROR_NOT_SUPPORTED_PLUGIN", message)


def plugin_failed(plugin_id: str, reason: str) -> CloudforetError:
    """Make the error of a plugin that runs elsewhere and does not do what it is asked for.

    Args:
        plugin_id: its address.
        reason: why.
    """
    message = f"Plugin failed. (plugin_id = {plugin_id}, reason = {reason})"
    return CloudforetError(Status.FAILED_PRECONDITION, "ERROR_PLUGIN_FAILED", message)


def permission_denied() -> CloudforetError:
    """Make the error of something that the caller may not do."""
    return CloudforetError(Status.PERMISSION_DENIED, "ERROR_PERMISSION_DENIED", "Permission denied.")


def authenticate_failure(message: str) -> CloudforetError:
    """Make the error of a token that is missing or says nothing about who asks."""
    text = f"Authenticate failure. (message = {message})"
    return CloudforetError(Status.UNAUTHENTICATED, "ERROR_AUTHENTICATE_FAILURE", text)


def webhook_disabled(webhook_id: str) -> CloudforetError:
    """Make the error of an event for a webhook that is switched off."""
    message = f"Webhook state is disabled. (webhook_id = {webhook_id})"
    return CloudforetError(Status.INVALID_ARGUMENT, "ERROR_WEBHOOK_STATE_DISABLED", message)


def alert_feature_not_activated(project_id: str) -> CloudforetError:
    """Make the error of a project that takes no alerts, since its alert configuration was removed."""
    message = f"The alert feature is not activated in the project. (project_id = {project_id})"
    return CloudforetError(Status.INVALID_ARGUMENT, "ERROR_ALERT_FEATURE_IS_NOT_ACTIVATED", message)


def not_for_a_project(policy_id: str) -> CloudforetError:
    """Make the error of a project's escalation policy that is to be the default of its domain."""
    message = f"Only global escalation policy can be set by default. (escalation_policy_id = {policy_id})"
    return CloudforetError(Status.INVALID_ARGUMENT, "ERROR_INVALID_ESCALATION_POLICY_SCOPE", message)


def default_policy_stays(policy_id: str) -> CloudforetError:
    """Make the error of an escalation policy that is to be deleted while it is the default."""
    message = f"The default escalation policy does not allow deletion. (escalation_policy_id = {policy_id})"
    return CloudforetError(
        Status.INVALID_ARGUMENT, "ERROR_DEFAULT_ESCALATION_POLICY_NOT_ALLOW_DELETION", message
    )


def in_use(reason: str) -> CloudforetError:
    """Make the error of something that is to be deleted while something else needs it."""
    message = f"Resource is in use. (reason = {reason})"
    return CloudforetError(Status.FAILED_PRECONDITION, "ERROR_RESOURCE_IN_USE", message)


def alert_already_processed(identifier: str) -> CloudforetError:
    """Make the error of something that cannot be done with an alert that is resolved."""
    message = f"Alert has already been processed. (alert_id = {identifier})"
    return CloudforetError(Status.INVALID_ARGUMENT, "ERROR_ALERT_ALREADY_PROCESSED", message)


def merge_alert_not_exist(identifier: str) -> CloudforetError:
    """Make the error of an alert that others are to be merged into, and that is not among them."""
    message = f"Alert does not exist in merge list. (alert_id = {identifier})"
    return CloudforetError(Status.INVALID_ARGUMENT, "ERROR_MERGE_ALERT_NOT_EXIST", message)


def db_query(reason: str) -> CloudforetError:
    """Make the error of a query that cannot be answered as it is written."""
    message = f"Database query failed. (reason = {reason})"
    return CloudforetError(Status.INTERNAL, "ERROR_DB_QUERY", message)


def takes_no_list(operator: str, condition: object) -> CloudforetError:
    """Make the error of a list for an operator that takes one value.

    Args:
        operator: its name.
        condition: as it was sent.
    """
    message = f"The value of '{operator} operator' does not support list type. ({condition})"
    return CloudforetError(Status.INVALID_ARGUMENT, "ERROR_OPERATOR_VALUE_TYPE", message)


def takes_a_list(operator: str, condition: object) -> CloudforetError:
    """Make the error of one value where a list is taken. Parameters are those of `takes_no_list`."""
    message = f"The value of '{operator} operator' must be a list type. ({condition})"
    return CloudforetError(Status.INVALID_ARGUMENT, "ERROR_OPERATOR_LIST_VALUE_TYPE", message)


def takes_an_object(operator: str, condition: object) -> CloudforetError:
    """Make the error of anything else than an object. Parameters are those of `takes_no_list`."""
    message = f"The value of '{operator} operator' must be a dictionary type. ({condition})"
    return CloudforetError(Status.INVALID_ARGUMENT, "ERROR_OPERATOR_DICT_VALUE_TYPE", message)


def takes_a_boolean(operator: str, condition: object) -> CloudforetError:
    """Make the error of anything else than true or false. Parameters are those of `takes_no_list`."""
    message = f"The value of '{operator} operator' must be a boolean type. ({condition})"
    return CloudforetError(Status.INVALID_ARGUMENT, "ERROR_OPERATOR_BOOLEAN_TYPE", message)


def unknown(text: str) -> CloudforetError:
    """Make the error that has no code of its own."""
    return CloudforetError(Status.INTERNAL, "ERROR_UNKNOWN", text)


def unsupported(reason: str) -> CloudforetError:
    """Make the error of a method that is not built."""
    message = f"API is not supported. (reason = {reason})"
    return CloudforetError(Status.UNIMPLEMENTED, "ERROR_UNSUPPORTED_API", message)


def too_many(reason: str, retry_after: int) -> CloudforetError:
    """Make the error of more than is taken of one sender.

    Args:
        reason: why.
        retry_after: seconds after which to try again.
    """
    return CloudforetError(Status.RESOURCE_EXHAUSTED, "ERROR_TOO_MANY_REQUESTS", reason, retry_after)


def unavailable(reason: str, retry_after: int) -> CloudforetError:
    """Make the error of what is not possible at this moment.

    Args:
        reason: why.
        retry_after: seconds after which to try again.
    """
    return CloudforetError(Status.UNAVAILABLE, "ERROR_UNAVAILABLE", reason, retry_after)


def took_too_long(reason: str) -> CloudforetError:
    """Make the error of a query that was given up."""
    return CloudforetError(Status.DEADLINE_EXCEEDED, "ERROR_TIMEOUT", reason)
