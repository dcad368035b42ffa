import grpc
import pytest

from tocsin.dialects.cloudforet import errors
from tocsin.dialects.cloudforet.errors import CloudforetError, Status


@pytest.mark.parametrize("status", Status)
def test_a_status_is_one_of_grpc(status: Status) -> None:
    assert grpc.StatusCode[status.name].name == status.name
    assert 400 <= status.http < 600


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.required("data"), "ERROR_REQUIRED_PARAMETER: Required parameter. (key = data)"),
        (
            errors.not_found("webhook_id", "webhook-1"),
            "ERROR_NOT_FOUND: Value not found. (webhook_id = webhook-1)",
        ),
        (errors.permission_denied(), "ERROR_PERMISSION_DENIED: Permission denied."),
        (
            errors.authenticate_failure("Empty token provided."),
            "ERROR_AUTHENTICATE_FAILURE: Authenticate failure. (message = Empty token provided.)",
        ),
        (
            errors.webhook_disabled("webhook-1"),
            "ERROR_WEBHOOK_STATE_DISABLED: Webhook state is disabled. (webhook_id = webhook-1)",
        ),
        (
            errors.alert_feature_not_activated("project-1"),
            "ERROR_ALERT_FEATURE_IS_NOT_ACTIVATED: The alert feature is not activated in the project. "
            "(project_id = project-1)",
        ),
        (errors.db_query("why"), "ERROR_DB_QUERY: Database query failed. (reason = why)"),
        (errors.unknown("why"), "ERROR_UNKNOWN: why"),
    ],
)
def test_an_error_says_what_the_reference_says(error: CloudforetError, text: str) -> None:
    assert str(error) == text
