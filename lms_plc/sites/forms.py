"""What may come in around a launch."""

from pydantic import Field

from lms_plc.communities import forms


class FoundingForm(forms.FoundingForm):
    """A new community: its name, and how it begins, as far as somebody says so at once."""

    name: str = Field(min_length=1, max_length=200)
