"""Pieces that deployment.toml files are made of."""

# Statements that a deployment.toml may hold in any order, as long as none is there twice.
PIECES = (
    '[server]\nhostname = "localhost" # [[resource.access_control]]\n',
    "[server]\r\nhostname = 'localhost'\r\noffset=1\r\n",
    "# only a comment\n",
    "\n",
    "\n\n\n",
    "   \t\n",
    '[text]\nlong = """\n[[resource.access_control]]\ncontext="(.*)/scim2/Me"\n"""\n',
    "[literal]\nlong = '''\n[[resource.access_control]]'''\n",
    "[inline]\nlist = [ # a comment ]\n  1, 2,\n]\ntable = { a = [1, 2], b = 'x' }\n",
    "[tenant.quoted]\n\"a.b\" = 1\n'c' . d = 2\n",
    '[[event_listener]]\nid = "x"\n[event_listener.properties]\n\'header.X\' = "y"\n',
    '[[resource.access_control]]\ncontext = "(.*)/other"\nhttp_method = "GET"\nsecure = false\n',
    "# why\n[[resource.access_control]]\ncontext = '(.*)'\nhttp_method ="
    " 'all'\n[resource.access_control.more]\nx = 1\n",
    '[[ resource . "access_control" ]]\nhttp_method = "POST"\ncontext = "(.*)/scim2/Me" # end\n',
    "[oauth]\n\n# last words",
    "[times]\na = 1979-05-27 07:32:00\nb = 1e3\nc = nan\nd = -0x1F\n",
    "[latin]\n# caf\udce9 \x01\nx=1\n",
)
