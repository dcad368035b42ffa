"""VictorOps, now Splunk On-Call: send alerts to its REST endpoint. No server of Tocsin is needed.

`event` (also called `alert`) sends one message and returns the HTTP status. `endpoint` sends one message
for each row of a table. `send` is the careful one: it tries again where that may help and says whether the
message was accepted; `asend` is the same for async code.
"""

from tocsin.dialects.outgoing import TransportError
from tocsin.dialects.victorops.send import asend, send
from tocsin.dialects.victorops.send_event import alert, endpoint, event
from tocsin.dialects.victorops.send_message import MESSAGE_TYPES
from tocsin.dialects.victorops.send_result import SendResult

__all__ = ["MESSAGE_TYPES", "SendResult", "TransportError", "alert", "asend", "endpoint", "event", "send"]
