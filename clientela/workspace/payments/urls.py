"""Addresses of money."""

from django.urls import path

from clientela.workspace.payments import acts, views

app_name = "payments"
urlpatterns = [
    path("", views.home, name="home"),
    path("export/<slug:kind>/", views.export, name="export"),
    path("requisites/", views.requisites, name="requisites"),
    path("<int:payment_id>/receipt/", views.receipt, name="receipt"),
    path("<int:payment_id>/receipt/sending/", acts.send_receipt, name="send_receipt"),
    path("refunds/<int:refund_id>/receipt/", views.receipt, name="refund_receipt"),
    path("refunds/<int:refund_id>/receipt/sending/", acts.send_receipt, name="send_refund_receipt"),
    path("<int:payment_id>/refund/", acts.refund, name="refund"),
    path("refunds/<int:refund_id>/", acts.pay_back, name="pay_back"),
    path("refunds/<int:refund_id>/drop/", acts.drop, name="drop"),
    path("invoices/<int:invoice_id>/withdrawal/", acts.withdraw, name="withdraw"),
    path("of/<int:client_id>/invoice/", acts.invoice, name="invoice"),
]
