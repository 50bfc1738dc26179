"""The passwords of a lab that a test has brought up."""

from pathlib import Path

from ansible_collections.labs.mail.plugins.plugin_utils._lab_passwords import lab_password


def password_of(checkout: Path, machine: str, account: str) -> str:
    """Return the password of an account of a machine of the lab in a checkout."""
    return lab_password((checkout / ".keys" / "secret").read_text().strip(), machine, account)
