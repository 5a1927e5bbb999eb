"""The organisation: structure, people, agents, absences, norms."""

from django.urls import path

from clientela.workspace.admin.views import absences, agents, norms, people, structure

app_name = "organisation"
urlpatterns = [
    path("", structure.tree, name="tree"),
    path("branches/new/", structure.create_branch, name="branch_new"),
    path("branches/<int:branch_id>/", structure.branch, name="branch"),
    path("branches/<int:branch_id>/teams/new/", structure.create_team, name="team_new"),
    path("teams/<int:team_id>/", structure.team, name="team"),
    path("teams/<int:team_id>/removal/", structure.remove_team, name="team_removal"),
    path("centres/new/", structure.create_centre, name="centre_new"),
    path("centres/<int:centre_id>/", structure.centre, name="centre"),
    path("people/", people.people, name="people"),
    path("people/new/", people.create_person, name="person_new"),
    path("people/<int:user_id>/", people.person, name="person"),
    path("people/<int:user_id>/activity/", people.activity, name="person_activity"),
    path("people/<int:user_id>/password-link/", people.password_link, name="person_password_link"),
    path("people/<int:user_id>/unlocking/", people.unlock, name="person_unlock"),
    path("people/<int:user_id>/second-step/", people.second_step, name="person_second_step"),
    path("people/<int:user_id>/photo/", people.photo, name="person_photo"),
    path("people/<int:user_id>/photo/removal/", people.photo_removal, name="person_photo_removal"),
    path("people/<int:user_id>/photo/restoration/", people.photo_back, name="person_photo_back"),
    path("agents/", agents.agents, name="agents"),
    path("agents/new/", agents.create_agent, name="agent_new"),
    path("agents/me/", agents.mine, name="my_agent"),
    path("agents/<int:agent_id>/", agents.agent, name="agent"),
    path("agents/<int:agent_id>/edit/", agents.change_agent, name="agent_edit"),
    path("agents/<int:agent_id>/contacts/", agents.contacts, name="agent_contacts"),
    path("agents/<int:agent_id>/confirmation/", agents.confirmation, name="agent_confirmation"),
    path("agents/<int:agent_id>/hand-over/", agents.hand_over, name="agent_transfer"),
    path("hand-overs/<int:job_id>/undo/", agents.undo_hand_over, name="transfer_undo"),
    path("absences/", absences.absences, name="absences"),
    path("absences/new/", absences.create, name="absence_new"),
    path("absences/<int:absence_id>/ending/", absences.ending, name="absence_ending"),
    path("norms/", norms.norms, name="norms"),
    path("norms/<int:norm_id>/removal/", norms.removal, name="norm_removal"),
]
