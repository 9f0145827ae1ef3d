"""What schemathesis holds against an answer: not that an invented operation is refused, but that the server is at fault.

Its own check takes every error in an answer for a fault. Ours are refusals with a code; a fault is `INTERNAL`, an error without
a code, a 5xx, or something that is no JSON.
"""

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

# A file stands in a part of its own beside the operation; in the operation itself whatever stands in its place is refused.
schemathesis.graphql.scalar("Upload", st.text(max_size=20).map(nodes.String))


@schemathesis.check
def no_fault(ctx, response, case) -> None:
    assert response.status_code < 500, f"{response.status_code}"
    for error in response.json().get("errors", []):
        code = error.get("extensions", {}).get("code")
        assert code not in (None, "INTERNAL"), f"{code}: {error}"
