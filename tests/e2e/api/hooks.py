"""What Schemathesis does not know of itself: bytes are sent and taken as they are."""

import schemathesis

BYTES = ("application/octet-stream", "application/offset+octet-stream", "application/pdf")


@schemathesis.serializer(*BYTES)
def as_they_are(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.deserializer(*BYTES)
def unread(ctx, response):
    return response.content.decode("latin-1")
