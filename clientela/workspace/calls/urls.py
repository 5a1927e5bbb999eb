"""Addresses of calls."""

from django.urls import path

from clientela.workspace.calls.views import pages, panel, setup, sounds, telephone

app_name = "calls"
urlpatterns = [
    path("", pages.home, name="list"),
    path("export/", pages.export, name="export"),
    path("panel/", panel.panel, name="panel"),
    path("dialling/", panel.dial, name="dial"),
    path("recordings/<int:recording_id>/", pages.sound, name="sound"),
    path("call-backs/<int:call_back_id>/done/", pages.call_back_done, name="call_back_done"),
    path("telephone/", telephone.window, name="telephone"),
    path("telephone/account/", telephone.account, name="telephone_account"),
    path("sounds/", sounds.home, name="sounds"),
    path("sounds/music/", sounds.music, name="music"),
    path("sounds/<int:sound_id>/", sounds.recorded, name="recorded"),
    path("sounds/<int:sound_id>/putting-away/", sounds.put_away, name="put_away"),
    path("setup/", setup.home, name="setup"),
    path("setup/numbers/new/", setup.number, name="new_number"),
    path("setup/numbers/<int:number_id>/", setup.number, name="number"),
    path("setup/menus/new/", setup.menu, name="new_menu"),
    path("setup/menus/<int:menu_id>/", setup.menu, name="menu"),
    path("<int:call_id>/", pages.call, name="call"),
    path("<int:call_id>/acceptance/", panel.accept, name="accept"),
    path("<int:call_id>/decline/", panel.decline, name="decline"),
    path("<int:call_id>/taking/", panel.take, name="take"),
    path("<int:call_id>/hang-up/", panel.hang_up, name="hang_up"),
    path("<int:call_id>/hold/", panel.hold, name="hold"),
    path("<int:call_id>/resumption/", panel.resume, name="resume"),
    path("<int:call_id>/transfer/", panel.transfer, name="transfer"),
    path("<int:call_id>/hand-over/", panel.hand_over, name="hand_over"),
    path("<int:call_id>/conference/", panel.confer, name="confer"),
    path("<int:call_id>/recording/", panel.recording, name="recording"),
    path("<int:call_id>/keys/", panel.keys, name="keys"),
    path("<int:call_id>/outcome/", panel.outcome, name="outcome"),
    path("<int:call_id>/caller/", panel.caller_named, name="caller"),
    path("<int:call_id>/listening/", panel.listening, name="listen"),
]
