"""People who sign in."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property

from clientela.modules.accounts.rules import Permission, Role, permissions_of


class UserManager(BaseUserManager["User"]):
    """Creates people; the password may be left unusable until they set it."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A member of staff or an agent with a sign-in. What they may see is decided by their placement."""

    email = models.EmailField(unique=True)
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    middle_name = models.CharField(max_length=80, blank=True)
    role = models.CharField(max_length=20, choices=Role)
    language = models.CharField(max_length=5, default="ru")
    time_zone = models.CharField(max_length=40, default="Europe/Moscow")
    keyboard = models.BooleanField(default=True)
    totp_required = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    photo = models.FileField(upload_to="people/%Y/%m/", blank=True)
    photo_token = models.CharField(
        max_length=40, blank=True, help_text="address of the photo; none: not shown"
    )
    photo_removed_at = models.DateTimeField(null=True, blank=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["first_name", "last_name", "role"]

    class Meta:
        ordering = ["last_name", "first_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["photo_token"], condition=~models.Q(photo_token=""), name="accounts_user_photo_token"
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def photo_url(self) -> str:
        """Where the photo is for a signed-in browser; empty without one."""
        return reverse("accounts:picture", args=[self.photo_token]) if self.photo_token else ""

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.role) if self.is_active else frozenset()

    def can(self, permission: str) -> bool:
        """Whether the role allows this kind of act at all (the scope decides on which records)."""
        return permission in self.permissions
