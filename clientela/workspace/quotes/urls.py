"""Addresses of the one window."""

from django.urls import path

from clientela.workspace.quotes.views import acts, application, dialogs, offers, pages, prices, talk, variants

app_name = "quotes"
_C, _V = "<int:calculation_id>/", "variants/<int:variant_id>/"
urlpatterns = [
    path("", pages.home, name="list"),
    path("export.csv", pages.export, name="export"),
    path("new/", pages.new, name="new"),
    path("vin/", dialogs.vin, name="vin"),
    path("renewal-prices/", prices.prices, name="prices"),
    path(_C, pages.window, name="window"),
    path(f"{_C}answers/", acts.answers, name="answers"),
    path(f"{_C}price/", acts.price, name="price"),
    path(f"{_C}subject/", dialogs.subject, name="subject"),
    path(f"{_C}drivers/", dialogs.drivers, name="drivers"),
    path(f"{_C}insured/", dialogs.insured, name="insured"),
    path(f"{_C}term/", dialogs.term, name="term"),
    path(f"{_C}offer/", offers.offer, name="offer"),
    path(f"{_C}link/", offers.link, name="link"),
    path(f"{_C}referral/", dialogs.referral, name="referral"),
    path(f"{_C}referral/undoing/", acts.take_back, name="take_back"),
    path(f"{_C}loss/", dialogs.loss, name="loss"),
    path(f"{_C}reopening/", acts.reopen, name="reopen"),
    path(f"{_C}invoice/", acts.invoice, name="invoice"),
    path(f"{_C}invoice/withdrawal/", acts.take_back_bill, name="take_back_bill"),
    path(f"{_C}payment/", dialogs.payment, name="payment"),
    path(f"{_C}application/", application.make, name="application"),
    path(f"{_C}application/signature/", application.ask, name="application_sign"),
    path(f"{_C}application/withdrawal/", application.withdraw, name="application_withdraw"),
    path(f"{_C}talk/", talk.talk, name="talk"),
    path(f"{_C}talk/settling/", talk.settle, name="settle"),
    path(f"{_C}variants/", variants.add, name="add_variant"),
    path(_V, variants.edit, name="edit_variant"),
    path(f"{_V}choice/", variants.choose, name="choose"),
    path(f"{_V}removal/", variants.remove, name="remove_variant"),
]
