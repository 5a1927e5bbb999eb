"""The list of deliveries: what is late stands in a tab of its own."""

from datetime import timedelta

from django.utils import timezone

from clientela.modules.documents.models import Delivery


def test_late_ones_have_a_tab_with_their_number(sign_in, anna, vera_policy, boris_policy):
    now = timezone.now()
    for policy, days in ((vera_policy, -3), (vera_policy, 2), (boris_policy, -3)):
        Delivery.objects.create(
            client=policy.client, policy=policy, way="courier", address=f"адрес {days}", day=(now + timedelta(days=days)).date(),
            hour_from=10, hour_to=14, created_at=now, changed_at=now,
        )  # fmt: skip
    page = sign_in(anna).get("/deliveries/").content.decode()
    assert "Опаздывают" in page
    assert page.count("опаздывает</span>") == 1
    late = sign_in(anna).get("/deliveries/?show=late").content.decode()
    assert "адрес -3" in late
    assert "адрес 2" not in late
