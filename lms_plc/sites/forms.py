"""What may come in around a launch."""

from pydantic import BaseModel, ConfigDict, Field


class FoundingForm(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)

    name: str = Field(min_length=1, max_length=200)
