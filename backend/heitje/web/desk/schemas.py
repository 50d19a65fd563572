# SPDX-License-Identifier: EUPL-1.2
"""What the desk's scripts send."""

from typing import Annotated

from pydantic import Field, StringConstraints

from heitje.rest.fields import Model, Seconds, Signature

_Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{1,20}$", strict=True)]
_Particular = Annotated[str, StringConstraints(max_length=20_000, strict=True)]


class CarriedRequest(Model):
    """What an official has signed."""

    particulars: Annotated[dict[_Name, _Particular], Field(max_length=20)]
    signature: Signature
    deadline: Seconds
