"""Addresses of the sales book."""

from django.urls import path

from clientela.workspace.book import editing, views

app_name = "book"
_P = "<str:product_code>/"
_E = f"{_P}<int:book_entry_id>/"
urlpatterns = [
    path("", views.home, name="home"),
    path(_P, views.page, name="page"),
    path(f"{_P}memo.pdf", views.memo, name="memo"),
    path(f"{_P}estimate/", views.estimate, name="estimate"),
    path(f"{_P}about/", editing.about, name="about"),
    path(f"{_P}new/", editing.new, name="new"),
    path(_E, views.entry, name="entry"),
    path(f"{_E}file/", views.file, name="file"),
    path(f"{_E}edit/", editing.edit, name="edit"),
    path(f"{_E}move/", editing.move, name="move"),
    path(f"{_E}away/", editing.put_away, name="put_away"),
    path(f"{_E}restoring/", editing.restore, name="restore"),
    path(f"{_E}versions/", editing.versions, name="versions"),
    path(f"{_E}versions/<int:number>/", editing.bring_back, name="bring_back"),
]
