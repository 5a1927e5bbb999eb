"""The shop. The secret in an address is the right to the purchase; nothing personal stands in any."""

from django.urls import path

from clientela.portal.shop import views

app_name = "shop"
urlpatterns = [
    path("", views.shelf, name="shelf"),
    path("vin/", views.vin, name="vin"),
    path("consent/<slug:consent_kind>/", views.consent, name="consent"),
    path("paid/<str:pay_token>/", views.paid, name="paid"),
    path("go/<str:shop_token>/", views.resume, name="resume"),
    path("go/<str:shop_token>/policy.pdf", views.policy_file, name="policy_file"),
    path("go/<str:shop_token>/state/", views.state, name="state"),
    path("go/<str:shop_token>/<slug:shop_step>/", views.step, name="step"),
    path("<slug:shop_line>/", views.start, name="start"),
]
