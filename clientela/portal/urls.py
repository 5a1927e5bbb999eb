"""What clients open without signing in: the secret in the address is the right to it."""

from django.urls import path

from clientela.portal.views import feedback, payment, tracking

app_name = "portal"
urlpatterns = [
    path("t/<str:token>/o.gif", tracking.opened, name="opened"),
    path("t/<str:token>/c/<str:signed>", tracking.followed, name="followed"),
    path("u/<str:token>/", tracking.unsubscribe, name="unsubscribe"),
    path("tg/<str:token>/", tracking.telegram, name="telegram"),
    path("pay/<str:pay_token>/", payment.pay, name="pay"),
    path("f/<str:token>/", feedback.answer, name="feedback"),
]
