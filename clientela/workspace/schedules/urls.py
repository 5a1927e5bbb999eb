"""Addresses of the schedules."""

from django.urls import path

from clientela.workspace.schedules.views import editor, experiments, figures, listing, steps, versions

app_name = "schedules"
_V = "<int:schedule_id>/versions/<int:number>/"
_E = "<int:schedule_id>/experiments/"
_S = f"{_V}steps/<slug:key>/"
urlpatterns = [
    path("", listing.schedules, name="list"),
    path("new/", listing.create, name="create"),
    path("figures/", figures.tomorrow, name="figures"),
    path("<int:schedule_id>/", editor.editor, name="editor"),
    path(f"{_E}", experiments.experiments, name="experiments"),
    path(f"{_E}new/", experiments.start, name="start_experiment"),
    path(f"{_E}<int:pk>/", experiments.experiments, name="experiment"),
    path(f"{_E}<int:pk>/figures/", experiments.figures, name="experiment_figures"),
    path(f"{_E}<int:pk>/terms/", experiments.terms, name="experiment_terms"),
    path(f"{_E}<int:pk>/end/", experiments.end, name="end_experiment"),
    path(f"{_V}draft/", versions.draft, name="draft"),
    path(f"{_V}changes/", versions.changes, name="changes"),
    path(f"{_V}launch/", versions.launch, name="launch"),
    path(f"{_V}retirement/", versions.retire_version, name="retire"),
    path(f"{_V}plan/", figures.plan, name="plan"),
    path(f"{_V}check/", figures.check, name="check"),
    path(f"{_V}terms/", figures.terms, name="terms"),
    path(f"{_V}steps/", steps.add, name="add_step"),
    path(f"{_V}restored-steps/<str:token>/", steps.restore, name="restore_step"),
    path(_S, steps.save, name="save_step"),
    path(f"{_S}day/", steps.move, name="move_step"),
    path(f"{_S}copy/", steps.copy, name="copy_step"),
    path(f"{_S}removal/", steps.delete, name="delete_step"),
    path(f"{_S}preview/", steps.show_preview, name="preview"),
    path(f"{_S}results/", figures.results, name="results"),
    path(f"{_S}conditions/", steps.add_condition, name="add_condition"),
    path(f"{_S}conditions/<slug:code>/removal/", steps.remove_condition, name="remove_condition"),
]
