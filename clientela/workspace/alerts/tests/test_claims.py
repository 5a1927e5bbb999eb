"""Who hears that a client reported a loss without them."""

from django.utils import translation

from clientela.foundation.push.models import Alert
from clientela.modules.claims.events import ClaimOpened
from clientela.modules.claims.models import Claim
from clientela.modules.claims.operations import open_claim
from clientela.workspace.alerts.handlers import on_claim_opened


def test_the_agent_hears_once_of_a_loss_reported_on_the_site(vera_policy, anna, now):
    def reported(channel: str) -> Claim:
        claim = open_claim(
            actor=None, now=now, policy=vera_policy, occurred_on=now.date(), kind="collision", place="Казань",
            description="Задели на парковке.", channel=channel,
        )  # fmt: skip
        with translation.override("ru"):
            for _ in range(2):  # an event may come twice
                on_claim_opened(ClaimOpened(claim.pk, vera_policy.pk, vera_policy.client_id), now=now)
        return claim

    reported(Claim.Channel.AGENT)
    assert not Alert.objects.exists()
    claim = reported(Claim.Channel.PORTAL)
    told = Alert.objects.get()
    assert (told.user, told.topic, told.url) == (anna, "claim", f"/claims/{claim.pk}/")
    assert (told.title, told.body) == (vera_policy.client.name, "ОСАГО: Столкновение")
