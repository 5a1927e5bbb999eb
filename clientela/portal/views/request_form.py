"""Asking for a policy: a page of ours, the same page in a frame on another site, and the script that puts it there."""

import secrets
from typing import Any

from django import forms
from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from clientela.foundation.phones import normalize
from clientela.foundation.refusals import Refusal
from clientela.foundation.ui.middleware import policy
from clientela.modules.requests.models import Intake, Request
from clientela.modules.requests.operations import Incoming, receive
from clientela.modules.requests.operations.coming import UTM

# From one address in ten minutes, and through one form in an hour.
MOST_OF_ADDRESS, ADDRESS_SECONDS = 10, 600
MOST_OF_FORM, FORM_SECONDS = 600, 3600
KEPT = ("ref", "page", *UTM)

# On another site it puts the form where the script stands, tells it where the visitor came from, and lets the frame be
# as high as the form says, if it is our frame that says it. Within the frame it tells the height, to the known sites only.
SCRIPT = """(() => {
  const script = document.currentScript, key = script && script.dataset.form;
  if (script && script.dataset.sites !== undefined && window.parent !== window) {
    const main = document.getElementById("main");
    const tell = () => {
      const height = Math.ceil(main.getBoundingClientRect().bottom + window.scrollY);
      for (const site of script.dataset.sites.split(" ").filter(Boolean))
        window.parent.postMessage({ type: "clientela-form", height }, site);
    };
    new ResizeObserver(tell).observe(main);
    return;
  }
  if (!key) return;
  const here = new URLSearchParams(location.search);
  const told = new URLSearchParams({ embed: "1", page: location.href.slice(0, 400), ref: document.referrer.slice(0, 400) });
  for (const name of ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"])
    if (here.get(name)) told.set(name, here.get(name).slice(0, 120));
  const frame = document.createElement("iframe");
  frame.src = new URL("ask/" + encodeURIComponent(key) + "/?" + told, script.src).href;
  frame.title = script.dataset.title || document.title;
  frame.loading = "lazy";
  frame.style.cssText = "border:0;width:100%;height:" + (parseInt(script.dataset.height, 10) || 760) + "px";
  const own = new URL(script.src).origin;
  window.addEventListener("message", (event) => {
    if (event.origin !== own || event.source !== frame.contentWindow) return;
    const said = event.data;
    if (!said || said.type !== "clientela-form" || !Number.isFinite(said.height)) return;
    frame.style.height = Math.min(Math.max(said.height, 120), 6000) + "px";
  });
  script.after(frame);
})();
"""


class AskForm(forms.Form):
    """Name, phone, and what the place asks besides. ``website`` is for programs: people do not see it."""

    name = forms.CharField(
        label=pgettext_lazy("portal", "Your name"),
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=pgettext_lazy("portal", "Phone"), max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel", "placeholder": "+7"}),
    )  # fmt: skip
    website = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"})
    )
    once = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    agreed = forms.BooleanField(
        error_messages={"required": gettext_lazy("Without your consent we may not call you.")}
    )

    def __init__(self, *args: Any, intake: Intake, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = [(f"q-{index}", one) for index, one in enumerate(intake.fields)]
        for name, one in self.asked:
            self.fields[name] = _field(one)
        for name in KEPT:
            self.fields[f"k-{name}"] = forms.CharField(
                required=False, max_length=400, widget=forms.HiddenInput
            )

    def clean_phone(self) -> str:
        phone = normalize(self.cleaned_data["phone"])
        if phone is None:
            raise forms.ValidationError(_("Write the number with its code, such as +7 917 000-00-00."))
        return phone

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[name] for name, _one in self.asked]

    @property
    def asked_fields(self) -> list[forms.BoundField]:
        """Name and phone, then the questions of the place."""
        return [self["name"], self["phone"], *self.questions]

    def answers(self) -> list[dict[str, str]]:
        """What was answered, in the words of the form."""
        found = []
        for name, one in self.asked:
            value = self.cleaned_data.get(name)
            if value in (None, "", False):
                continue
            said = _("yes") if value is True else str(value)
            found.append({"key": one["key"], "label": one["label"], "value": said[:500]})
        return found

    def of_kind(self, kind: str) -> str:
        """The first answer of this kind."""
        return next(
            (str(self.cleaned_data.get(name) or "") for name, one in self.asked if one["kind"] == kind), ""
        )


def _field(one: dict[str, Any]) -> forms.Field:
    same: dict[str, Any] = {"label": one["label"], "required": one["required"]}
    match one["kind"]:
        case "long":
            return forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), **same)
        case "email":
            mail = forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"})
            return forms.EmailField(max_length=254, widget=mail, **same)
        case "choice":
            return forms.ChoiceField(choices=[("", "—"), *((text, text) for text in one["choices"])], **same)
        case "date":
            return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **same)
        case "number":
            widget = forms.NumberInput(attrs={"inputmode": "numeric"})
            return forms.IntegerField(min_value=0, max_value=10**12, widget=widget, **same)
        case "yes":
            return forms.BooleanField(**same)
    return forms.CharField(max_length=400, **same)


def _is_too_much(request: HttpRequest, intake: Intake) -> bool:
    """Counts one more; the counts are the database's, so all processes share them."""
    limits = (
        (f"ask:{request.META.get('REMOTE_ADDR', '')}", MOST_OF_ADDRESS, ADDRESS_SECONDS),
        (f"ask-form:{intake.pk}", MOST_OF_FORM, FORM_SECONDS),
    )
    over = False
    for key, most, seconds in limits:
        cache.add(key, 0, seconds)
        try:
            over = cache.incr(key) > most or over
        except ValueError:  # it ran out between the two
            cache.set(key, 1, seconds)
    return over


# No session gives anybody a right here, and in a frame of another site there is no cookie to check against.
@csrf_exempt
@xframe_options_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def ask(request: HttpRequest, key: str) -> HttpResponseBase:
    """The form; what is sent becomes a request, once however often it is sent."""
    intake = get_object_or_404(Intake.objects.select_related("product", "branch"), key=key, is_active=True)
    consent = intake.consents.order_by("-number").first()
    if consent is None:
        raise Http404
    embedded = request.GET.get("embed") == "1"
    kept = {f"k-{name}": request.GET.get(name, "")[:400] for name in KEPT}
    kept["k-ref"] = kept["k-ref"] or request.headers.get("Referer", "")[:400]
    initial = {"once": secrets.token_urlsafe(12), **kept}
    form = AskForm(request.POST or None, intake=intake, initial=initial)
    state = "thanks" if request.GET.get("thanks") == "1" else "ask"
    if request.method == "POST" and form.is_valid():
        if _is_too_much(request, intake):
            form.add_error(None, _("Too many requests from here. Try again in ten minutes, or call us."))
        elif form.cleaned_data["website"] or _keep(intake, consent, form, embedded):
            query = {"thanks": "1"} | ({"embed": "1"} if embedded else {})
            return redirect(f"{request.path}?{urlencode(query)}")
    context = {
        "intake": intake, "form": form, "consent": consent, "state": state, "embedded": embedded,
        "company": {"name": settings.COMPANY_NAME}, "short_number": settings.SHORT_NUMBER,
        "sites": " ".join(intake.origins),
    }  # fmt: skip
    response = render(request, "portal/request_form.html", context, status=422 if form.errors else 200)
    frames = " ".join(["'self'", *intake.origins]) if embedded else "'none'"
    response.headers["Content-Security-Policy"] = policy().replace(
        "frame-ancestors 'none'", f"frame-ancestors {frames}"
    )
    return response


def _keep(intake: Intake, consent: Any, form: AskForm, embedded: bool) -> Request | None:
    data = form.cleaned_data
    once = data["once"] or secrets.token_urlsafe(12)
    incoming = Incoming(
        source=Request.Source.WIDGET if embedded else Request.Source.WEB, name=data["name"], phone=data["phone"],
        email=form.of_kind("email"), text=form.of_kind("long"), about=form.of_kind("text")[:120], answers=form.answers(),
        intake=intake, utm={name: data[f"k-{name}"] for name in UTM}, referrer=data["k-ref"], page=data["k-page"],
        consent=consent, origin=f"form:{once}",
    )  # fmt: skip
    try:
        return receive(actor=None, now=timezone.now(), incoming=incoming)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return None


@require_safe
@cache_control(public=True, max_age=300)
def script(request: HttpRequest) -> HttpResponse:
    """The script that sites embed, under an address that stays."""
    response = HttpResponse(SCRIPT, content_type="text/javascript; charset=utf-8")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
