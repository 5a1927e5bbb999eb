"""Every change to clients is one of these verbs."""

from clientela.foundation.refusals import FileRefused
from clientela.modules.clients.operations.cards import (
    AgentRequired,
    DocumentTaken,
    OutdatedVersion,
    add_document,
    confirm_data,
    create_client,
    refresh_completeness,
    remove_document,
    set_address,
    set_do_not_contact,
    update_client,
)
from clientela.modules.clients.operations.contact_points import (
    ContactTaken,
    add_contact_point,
    mark_contact_point_bad,
    remove_contact_point,
    update_contact_point,
    verify_contact_point,
)
from clientela.modules.clients.operations.data import InvalidData
from clientela.modules.clients.operations.files import attach_file, remove_file
from clientela.modules.clients.operations.golden import (
    ValueGone,
    WrongRules,
    mark_value,
    set_rules,
    take_value,
    verify_value,
)
from clientela.modules.clients.operations.holdings import WrongParent, set_parent
from clientela.modules.clients.operations.merging import (
    CannotMerge,
    CannotSeparate,
    merge_clients,
    separate_clients,
)
from clientela.modules.clients.operations.notes import EmptyNote, add_note, delete_note, restore_note
from clientela.modules.clients.operations.photos import (
    purge_photos,
    remove_photo,
    restore_photo,
    set_photo,
)
from clientela.modules.clients.operations.proposals import put_aside
from clientela.modules.clients.operations.relations import (
    WrongRelation,
    add_belonging,
    close_life_event,
    make_client,
    note_life_event,
    relate,
    remove_belonging,
    unrelate,
)
from clientela.modules.clients.operations.tags import (
    add_tag_to_all,
    record_read,
    remove_tag_from_all,
    set_tags,
)

__all__ = [
    "AgentRequired",
    "CannotMerge",
    "CannotSeparate",
    "ContactTaken",
    "DocumentTaken",
    "EmptyNote",
    "FileRefused",
    "InvalidData",
    "OutdatedVersion",
    "ValueGone",
    "WrongParent",
    "WrongRelation",
    "WrongRules",
    "add_belonging",
    "add_contact_point",
    "add_document",
    "add_note",
    "add_tag_to_all",
    "attach_file",
    "close_life_event",
    "confirm_data",
    "create_client",
    "delete_note",
    "make_client",
    "mark_contact_point_bad",
    "mark_value",
    "merge_clients",
    "note_life_event",
    "purge_photos",
    "put_aside",
    "record_read",
    "refresh_completeness",
    "relate",
    "remove_belonging",
    "remove_contact_point",
    "remove_document",
    "remove_file",
    "remove_photo",
    "remove_tag_from_all",
    "restore_note",
    "restore_photo",
    "separate_clients",
    "set_address",
    "set_do_not_contact",
    "set_parent",
    "set_photo",
    "set_rules",
    "set_tags",
    "take_value",
    "unrelate",
    "update_client",
    "update_contact_point",
    "verify_contact_point",
    "verify_value",
]
