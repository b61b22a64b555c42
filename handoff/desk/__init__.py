"""The desk: the web pages people work in. Server-rendered, live by SSE, no build step, no internet.

How to add things:

1. A section is a package ``handoff/desk/<section>/`` with ``routes.py`` and in it ``def add(app: web.Application) -> None``: it adds routes
   and, for the menu, ``app[NAV].append(NavItem(title, path, key, roles))``. List it in ``SECTIONS`` of ``app.py``.
2. Every handler is marked ``@requires(Role.AGENT, …)`` (exactly these roles; admin is not implied) or ``@public``: unmarked ones are
   refused. ``session_of(request)`` is who asks; ``request.app[DEPS]`` holds the database, the hub, the call control and so on.
3. A page: ``return page(request, "<section>/x.html", name=value)``; the template extends ``base.html`` (blocks title, main, styles,
   scripts). Everything is escaped. No inline script, style or event attribute (CSP): pass data in ``data-…``, own css and js in
   ``static/<section>/``, and ``<script type="module" src="{{ static('<section>/x.js') }}"></script>``. Icons: ``{{ icon("phone") }}``.
4. A form: ``<form method="post">{{ csrf_field() }}…``; answer with ``raise see_other(path)``. Unsafe methods without the token, or from
   another site, never reach the handler. Never use GET for what changes something; no numbers of callers or words in URLs.
5. A JSON endpoint: ``await json_body(request)`` in, ``web.json_response`` out; in the browser ``post(path, data)`` of ``/static/http.js``.
   Errors: ``raise web.HTTPConflict(text="what and what to do")`` becomes a page, or ``{"error": …}`` for those who accept JSON.
6. A live topic: ``deps.hub.publish("floor", "state", {...})``; who may listen: ``app[TOPICS].allow("floor", check)`` in ``add``; in the
   browser ``live(["floor"], {state: data => …, reload: () => location.reload()})`` of ``/static/live.js``. Nothing is lost between page
   and stream: it starts from the moment the page was made. ``deps.hub`` keeps a short past only; pages start from their own snapshot.
7. Who did what to which call goes into the audit: ``await audit(request, "listen", call_id=…)``, before the thing is done.
8. Shortcuts: ``data-key="g c" data-key-title="Calls"`` on a link, button or field; ``?`` shows them all.
9. Work of a section that runs all the time: ``app.cleanup_ctx.append(context)`` with an async generator.
10. Tests walk all routes for all roles (``tests/handoff/desk/test_desk_access.py``); the ``conftest.py`` there has a desk with users.
"""
