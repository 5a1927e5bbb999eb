"""Addresses of requests."""

from django.urls import path

from clientela.workspace.requests.views import acts, fairness, forms, pages, rules

app_name = "requests"
urlpatterns = [
    path("", pages.home, name="home"),
    path("export.csv", pages.export, name="export"),
    path("new/", acts.create, name="create"),
    path("of-conversation/<int:conversation_id>/", acts.of_conversation, name="of_conversation"),
    path("of-call/<int:call_id>/", acts.of_call, name="of_call"),
    path("rules/", rules.sharing, name="rules"),
    path("rules/desks/<int:user_id>/", rules.desk, name="desk"),
    path("rules/branches/<int:branch_id>/sharing/", rules.switch, name="switch"),
    path("rules/points/", rules.points, name="points"),
    path("rules/fairness/", fairness.fairness, name="fairness"),
    path("rules/fairness.csv", fairness.fairness_file, name="fairness_file"),
    path("forms/", forms.intakes, name="forms"),
    path("forms/new/", forms.create, name="new_form"),
    path("forms/<int:intake_id>/", forms.change, name="form"),
    path("<int:request_id>/", pages.one, name="request"),
    path("<int:request_id>/why/", pages.why, name="why"),
    path("<int:request_id>/taking/", acts.taking, name="take"),
    path("<int:request_id>/beginning/", acts.beginning, name="begin"),
    path("<int:request_id>/assignee/", acts.giving, name="give"),
    path("<int:request_id>/return/", acts.returning, name="return"),
    path("<int:request_id>/to-sales/", acts.to_sales, name="to_sales"),
    path("<int:request_id>/client/", acts.naming, name="client"),
    path("<int:request_id>/closing/", acts.closing, name="close"),
    path("<int:request_id>/reopening/", acts.reopening, name="reopen"),
]
