"""What a bot is told, in our words. Only private chats count: a group is no client."""

from collections.abc import Callable
from datetime import UTC, datetime

from aiogram.enums import ChatType
from aiogram.exceptions import TelegramAPIError
from aiogram.types import Message, Update

from clientela.modules.contacts.ports import Attachment, IncomingMessage

MAX_FILE = 20 * 1024 * 1024
_START = "/start"
Fetch = Callable[[str], bytes]


def read_update(update: Update, fetch: Fetch) -> IncomingMessage | None:
    """The message of an update, None when it holds none for us. What `fetch` raises for the connection goes through."""
    message = update.edited_message or update.message
    if message is None or message.chat.type != ChatType.PRIVATE or message.from_user is None:
        return None
    number = f"{message.chat.id}:{message.message_id}"
    words = message.text or message.caption or ""
    command, _, argument = words.partition(" ")
    is_start = command == _START
    own_phone, shared = _contact(message)
    attachments, too_large = _files(message, fetch)
    text = "\n".join(filter(None, [_START if is_start else words, shared, too_large]))
    answered = message.reply_to_message
    return IncomingMessage(
        channel="telegram",
        external_id=f"{number}:{message.edit_date}" if update.edited_message else number,
        from_address=str(message.chat.id),
        from_name=message.from_user.full_name,
        to_address="",
        text=text or ("" if attachments else f"[{message.content_type}]"),
        at=message.date.astimezone(UTC) if not update.edited_message else _edited(message),
        in_reply_to_provider_id=f"{message.chat.id}:{answered.message_id}" if answered else "",
        # Opening the bot asks for nothing yet.
        automatic=is_start or message.from_user.is_bot,
        attachments=attachments,
        edits=number if update.edited_message else "",
        own_phone=own_phone,
        start_token=argument.strip() if is_start else "",
    )


def _edited(message: Message) -> datetime:
    return datetime.fromtimestamp(message.edit_date or message.date.timestamp(), UTC)


def _contact(message: Message) -> tuple[str, str]:
    """The sender's own phone, if Telegram says whose it is, and any shared contact in words."""
    contact = message.contact
    if contact is None or message.from_user is None:
        return "", ""
    number = f"+{contact.phone_number.lstrip('+')}"
    name = " ".join(filter(None, [contact.first_name, contact.last_name]))
    own = contact.user_id == message.from_user.id
    return number if own else "", f"{name} {number}".strip()


def _files(message: Message, fetch: Fetch) -> tuple[tuple[Attachment, ...], str]:
    """What came with a message, and the name of a file that is too large to be handed out."""
    one = message.document or message.voice or message.audio or message.video or message.video_note
    name, kind = "", "application/octet-stream"
    if message.photo:
        largest = message.photo[-1]
        file_id, size, name, kind = largest.file_id, largest.file_size, "photo.jpg", "image/jpeg"
    elif one is not None:
        file_id, size = one.file_id, one.file_size
        kind = getattr(one, "mime_type", None) or kind
        name = getattr(one, "file_name", None) or f"{message.content_type}.{kind.rpartition('/')[2]}"
    else:
        return (), ""
    if (size or 0) > MAX_FILE:
        return (), f"[{name}: {size} B]"
    try:
        return (Attachment(name, kind, fetch(file_id)),), ""
    except TelegramAPIError as error:  # gone, or larger than a bot may fetch
        return (), f"[{name}: {error.message}]"
