"""Addresses of a policy. A change is a sub-resource, as in the API."""

from django.urls import path

from clientela.workspace.policies import acts, asked, car, changing, lists, papers, views

app_name = "policies"
urlpatterns = [
    path("policies/", lists.home, name="list"),
    path("policies/export.csv", lists.export, {"kind": "csv"}, name="export_csv"),
    path("policies/export.xlsx", lists.export, {"kind": "xlsx"}, name="export_xlsx"),
    path("policies/<int:pk>/", views.policy, name="policy"),
    path("policies/<int:pk>/endorsements/", changing.endorse, name="endorse"),
    path("policies/<int:pk>/endorsements/price/", changing.price, name="endorsement_price"),
    path("changes/<int:change_referral_id>/endorsement/", asked.make, name="make_change"),
    path("changes/<int:change_referral_id>/withdrawal/", asked.withdraw, name="withdraw_change"),
    path("policies/<int:pk>/car/", car.bring, name="car"),
    path("policies/<int:pk>/cancellation/", acts.cancel, name="cancel"),
    path("policies/<int:pk>/cancellation/refund/", acts.refund, name="refund"),
    path("policies/<int:pk>/reinstatement/", acts.reinstate, name="reinstate"),
    path("policies/<int:pk>/duplicates/", acts.duplicate, name="duplicate"),
    path("policies/<int:pk>/documents/", acts.document, name="document"),
    path("policies/<int:pk>/signatures/", papers.ask_signature, name="sign"),
    path("policies/<int:pk>/deliveries/<str:delivery_way>/", papers.order, name="order"),
    path("signatures/<int:sign_request_id>/withdrawal/", papers.withdraw, name="withdraw"),
    path("signatures/<int:sign_request_id>/evidence/", papers.evidence, name="evidence"),
    path("signatures/<int:sign_request_id>/papers/<int:signed_document_id>/", papers.stamped, name="stamped"),
    path("deliveries/<int:paper_delivery_id>/<str:delivery_state>/", papers.move, name="move"),
    path("papers/<int:paper_id>/", views.paper, name="paper"),
]
