"""Messages for tests of mail filters: clean, with a virus, spam, forged, large."""

import email.utils
import io
import zipfile
from email.message import EmailMessage

# In halves, so that a virus scanner can look at this file.
EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test virus that every virus scanner finds."""

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
"""The test line that every spam filter takes for spam."""


def message(word, text="bonjour", subject="", **headers):
    """Return a message whose Message-ID, and subject if nothing else, is a word of its own."""
    made = EmailMessage()
    made["From"] = "Le prof <prof@etab.fr>"
    made["To"] = "tech@etab.fr"
    made["Date"] = email.utils.localtime()
    made["Subject"] = subject or word
    made["Message-ID"] = f"<{word}@pv>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def attached(word, data, name="rapport.txt", **headers):
    """Return a message with a file attached."""
    made = message(word, **headers)
    made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return made


def zipped(data, name="rapport.txt"):
    """Return a zip file that holds a file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return packed.getvalue()


def nested(word, inner, **headers):
    """Return a message that holds another one, as one that is forwarded does."""
    made = message(word, **headers)
    made.add_attachment(inner)
    return made


def large(word, size):
    """Return a message of at least so many bytes."""
    line = "Une ligne comme une autre, ni plus ni moins.\n"
    return message(word, line * (size // len(line) + 1))


VIRUSES = {
    "plain": lambda word: message(word, EICAR),
    "attached": lambda word: attached(word, EICAR.encode()),
    "in a zip": lambda word: attached(word, zipped(EICAR), "rapport.zip"),
    "in a message": lambda word: nested(word, attached("dedans", EICAR.encode())),
    "in a message, in a zip": lambda word: nested(
        word, attached("dedans", zipped(EICAR), "rapport.zip")
    ),
    "as if it had been looked at": lambda word: message(
        word,
        EICAR,
        X_Spam_Level="*",
        X_Spam_Status="No, score=1.0 required=5.0",
        X_Spam_Checker_Version="SpamAssassin 4.0.1 on smtp.etab.fr",
        X_Virus_Scanned="ClamAV using ClamSMTP",
    ),
}
"""Messages with the test virus, by how they hide it."""


def handed_back(word, text):
    """Return a message that claims to have been handed back by the filter of spam."""
    mark = "by smtp.etab.fr (Postfix, from userid 783) id 4F7B21; Wed, 25 Nov 2026 10:00:00 +0100"
    return message(word, text, Received=mark)
