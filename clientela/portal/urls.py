"""What clients open without signing in: the secret in the address is the right to it."""

from django.urls import path

from clientela.portal.views import (
    checking,
    claiming,
    delivering,
    feedback,
    offer,
    payment,
    photos,
    request_form,
    signing,
    tracking,
)

app_name = "portal"
urlpatterns = [
    path("t/<str:token>/o.gif", tracking.opened, name="opened"),
    path("t/<str:token>/c/<str:signed>", tracking.followed, name="followed"),
    path("u/<str:token>/", tracking.unsubscribe, name="unsubscribe"),
    path("tg/<str:token>/", tracking.telegram, name="telegram"),
    path("pay/<str:pay_token>/", payment.pay, name="pay"),
    path("pay/<str:pay_token>/state/", payment.pay_state, name="pay_state"),
    path("pay/<str:pay_token>/receipt/", payment.receipt, name="receipt"),
    path("p/<str:paper_token>/", checking.check, name="check"),
    path("delivery/<str:delivery_token>/", delivering.delivery, name="delivery"),
    path("offer/<str:token>/", offer.offer, name="offer"),
    path("offer/<str:token>/offer.pdf", offer.offer_file, name="offer_file"),
    path("sign/<str:sign_token>/", signing.signing, name="sign"),
    path("sign/<str:sign_token>/papers/<int:signed_document_id>/", signing.paper, name="sign_paper"),
    path("photos/<str:inspection_token>/", photos.photos, name="photos"),
    path("claim/<str:claim_token>/", claiming.claim, name="claim"),
    path("f/<str:token>/", feedback.answer, name="feedback"),
    path("ask/<slug:key>/", request_form.ask, name="request_form"),
    path("request-form.js", request_form.script, name="request_form_script"),
]
