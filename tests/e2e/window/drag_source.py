"""A small window at the left edge of the screen from which a file can be dragged, as a file manager
offers it: `drag_source.py FILE...`. Prints "ready" once it stands."""

import sys
from pathlib import Path

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402

uris = [Path(name).absolute().as_uri() for name in sys.argv[1:]]
window = Gtk.Window(type=Gtk.WindowType.POPUP)
window.set_default_size(60, 60)
box = Gtk.EventBox()
box.add(Gtk.Label(label="drag"))
box.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
box.drag_source_add_uri_targets()
box.connect("drag-data-get", lambda _box, _context, data, _info, _time: data.set_uris(uris))
window.add(box)
window.connect("map-event", lambda *_: print("ready", flush=True))
window.show_all()
window.move(0, 0)
Gtk.main()
