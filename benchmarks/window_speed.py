"""Acts of the one window over HTTP, one seller at a time: p50 and p95 of each, beside a signed-in page that shows least.

``CLIENTELA_VAR=… python -m benchmarks.window_speed --sales 40``

Runs on a demo base (``manage.py prepare --demo``) and sells on it: give it a copy. One granian worker serves the product;
the seller renews OSAGO terms of the demo company from the dialog to the paid policy, as the pages of the window do.
"""

import argparse
import time
from collections import defaultdict
from datetime import timedelta
from typing import Any

import httpx
from django.utils import timezone

from benchmarks.pages import quantile, serve, session_of
from clientela.modules.accounts.models import User
from clientela.modules.contracts.models import Policy
from clientela.modules.quotes.models import Calculation

SELLER = "a.sokolova@prichal.example"
GOAL = 0.150  # seconds
REFERENCE = "/organisation/absences/"
HTMX = {"HX-Request": "true"}


class Seller:
    """A signed-in browser that notes how long each act took and which were refused."""

    def __init__(self, port: int, key: str) -> None:
        self.web = httpx.Client(base_url=f"http://127.0.0.1:{port}", cookies={"sessionid": key}, timeout=30)
        self.times: dict[str, list[float]] = defaultdict(list)
        self.refused: dict[str, int] = defaultdict(int)
        self.web.get(REFERENCE)

    def act(self, name: str, method: str, path: str, data: dict[str, Any] | None = None) -> httpx.Response:
        headers = HTMX | {"X-CSRFToken": self.web.cookies.get("csrftoken", "")}
        began = time.perf_counter()
        answer = self.web.request(method, path, data=data, headers=headers)
        self.times[name].append(time.perf_counter() - began)
        if answer.status_code >= 400:
            self.refused[name] += 1
        return answer


def terms(seller: User, count: int) -> list[Policy]:
    """OSAGO terms of the seller that end soon and have no next one."""
    today = timezone.localdate()
    rows = Policy.objects.visible_to(seller).filter(
        product__line="osago", status=Policy.Status.ISSUED, next_terms=None, calculations=None,
        end_date__range=(today + timedelta(days=2), today + timedelta(days=120)),
    )  # fmt: skip
    return list(rows.order_by("end_date", "id")[:count])


def sell(seller: Seller, policy: Policy) -> None:
    """From the dialog to the money."""
    seller.act("dialog of the client", "GET", f"/quotes/new/?client={policy.client_id}")
    seller.act("begin, prefilled and priced", "POST", "/quotes/new/", {"policy": policy.pk})
    made = Calculation.objects.filter(policy=policy).first()
    if made is None:
        return
    page = f"/quotes/{made.pk}/"
    seller.act("open the window", "GET", page)
    made.refresh_from_db()
    seller.act("change an answer", "POST", f"{page}answers/", {"version": made.version, "q-use": "private"})
    seller.act("price again", "POST", f"{page}price/")
    other = made.variants.order_by("place")[1:2]
    for variant in other:
        seller.act("choose a variant", "POST", f"/quotes/variants/{variant.pk}/choice/")
    made.refresh_from_db()
    seller.act("make the bill", "POST", f"{page}invoice/", {"version": made.version})
    seller.act("dialog of the money", "GET", f"{page}payment/")
    seller.act("take the money, issue", "POST", f"{page}payment/", {"method": "card"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sales", type=int, default=40)
    parser.add_argument("--port", type=int, default=8910)
    options = parser.parse_args()
    person = User.objects.get(email=SELLER)
    server = serve(options.port)
    try:
        seller = Seller(options.port, session_of(person))
        found = terms(person, options.sales + 2)
        for policy in found[:2]:  # the server loads what it needs
            sell(seller, policy)
        seller.times.clear()
        for policy in found[2:]:
            seller.act("least page", "GET", REFERENCE)
            sell(seller, policy)
    finally:
        server.terminate()
        server.wait(10)
    least = quantile(seller.times["least page"], 0.5)
    issued = Policy.objects.filter(previous__in=[one.pk for one in found]).count()
    print(f"{len(found) - 2} sales, {issued} policies issued; least page p50 {least * 1000:.1f} ms")
    for name, times in seller.times.items():
        half, most = quantile(times, 0.5), quantile(times, 0.95)
        told = "" if most <= GOAL else "  over the goal"
        refused = f"  {seller.refused[name]} refused" if seller.refused[name] else ""
        print(
            f"{name:28} p50 {half * 1000:6.1f}  p95 {most * 1000:6.1f} ms  {half / least:4.1f}× the least page{told}{refused}"
        )


if __name__ == "__main__":
    main()
