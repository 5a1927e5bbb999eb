"""Who can sign in to the demo."""

from clientela.demo.heroes import HEROES
from clientela.demo.organisation import MAIL_DOMAIN, PASSWORD
from clientela.modules.accounts.models import User
from clientela.modules.accounts.rules import Role
from clientela.modules.clients.models import ContactPoint


def sign_ins() -> list[tuple[str, str, str]]:
    """Role, name and address of the first person of each role, in the order of the roles."""
    found = []
    for role in Role:
        user = (
            User.objects.filter(role=role, is_active=True, email__endswith=f"@{MAIL_DOMAIN}")
            .order_by("pk")
            .first()
        )
        if user:
            found.append((str(role.label), str(user), user.email))
    return found


def lines() -> list[str]:
    """The list for the terminal."""
    people = sign_ins()
    width = max((len(role) for role, _, _ in people), default=0)
    mail = max((len(address) for *_, address in people), default=0)
    return [f"  {role:<{width}}  {address:<{mail}}  {name}" for role, name, address in people] + [
        f"  password of all: {PASSWORD}",
        *client_lines(),
    ]


def client_lines() -> list[str]:
    """A client whose policies end soon, for the clients' own pages; the code of the SMS stands on the page."""
    hero = HEROES[0]
    point = ContactPoint.objects.filter(
        kind=ContactPoint.Kind.PHONE, value__endswith=hero.phone, client__birth_date=hero.born
    ).first()
    return [f"  a client at /my/: {point.value}, born {hero.born:%d.%m.%Y}  {hero.name}"] if point else []
