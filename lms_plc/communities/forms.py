"""What may come in about a community."""

from pydantic import BaseModel, ConfigDict, Field

from lms_plc.core.text import LONGEST


class CharterForm(BaseModel):
    """``based_on`` is the version the writer saw, so that two people writing at once do not undo each other."""

    model_config = ConfigDict(str_strip_whitespace=True)

    charter: str = Field(max_length=LONGEST)
    based_on: int = Field(ge=0, lt=2**31 - 1)
