"""The client's own pages: who has come in by a code sees what is theirs."""

from django.urls import path

from clientela.portal.own.views import claiming, data, entering, group_data, home, renewing

app_name = "own"
urlpatterns = [
    path("", home.home, name="home"),
    path("enter/", entering.enter, name="enter"),
    path("code/", entering.code, name="code"),
    path("leave/", entering.leave, name="leave"),
    path("policies/<int:policy_id>/policy.pdf", home.policy_file, name="policy_file"),
    path("data/", data.data, name="data"),
    path("data/<int:data_file_id>/", data.file, name="data_file"),
    path("claims/", claiming.claims, name="claims"),
    path("claims/new/", claiming.report, name="report"),
    path("claims/new/photos/", claiming.photos, name="report_photos"),
    path("claims/new/money/", claiming.money, name="report_money"),
    path("claims/photos/<int:claim_photo_id>/", claiming.photo, name="claim_photo"),
    path("group-data/", group_data.show, name="group_data"),
    path("group-data/consent/", group_data.agree, name="group_agree"),
    path("group-data/withdrawal/", group_data.withdraw, name="group_withdraw"),
    path("renew/<int:policy_id>/", renewing.renew, name="renew"),
]
