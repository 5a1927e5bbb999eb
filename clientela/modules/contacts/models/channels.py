"""Ways to reach a client, and what is said by them."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Channel(models.TextChoices):
    """Ways to reach a client. Robot and operator are calls made by our own side."""

    SMS = "sms", "SMS"
    EMAIL = "email", "E-mail"
    VK = "vk", "VK"
    TELEGRAM = "telegram", "Telegram"
    WEBCHAT = "webchat", _("Chat on the site")
    VK_WALL = "vk_wall", _("VK, in public")
    LETTER = "letter", pgettext_lazy("channel", "Letter")
    ROBOT = "robot", _("Robot")
    OPERATOR = "operator", _("Operator")


# By these we may write first; a chat on a site only answers who wrote there; robot and operator speak.
WRITTEN = (Channel.SMS, Channel.EMAIL, Channel.VK, Channel.TELEGRAM)
ANSWERED = (*WRITTEN, Channel.WEBCHAT)
CARRY_FILES = (Channel.EMAIL, Channel.VK, Channel.TELEGRAM, Channel.WEBCHAT)
# What is written here everybody reads.
PUBLIC = (Channel.VK_WALL,)
PLANNED = (*WRITTEN, Channel.ROBOT, Channel.OPERATOR)


class Purpose(models.TextChoices):
    """What a message is for; a consent is given for one of these."""

    SERVICE = "service", _("Service messages about own contracts")
    ADVERTISING = "advertising", _("Advertising")
    GROUP_DATA = "group_data", _("Use of data from sister companies")
