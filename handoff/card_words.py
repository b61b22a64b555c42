"""How a card puts codes into words, by language. What is not here is put into words by itself: ``late_parcel`` is "late parcel"."""

import re
from typing import Final

Words = dict[str, str]

REASONS: Final[dict[str, Words]] = {
    "en": {
        "caller_request": "asked for a person",
        "repeated_failure": "was not understood",
        "no_input": "could not be heard",
        "tool_error": "a system failed",
        "pipeline_error": "the assistant failed",
        "time_limit": "the call became long",
        "upset": "is upset",
        "refund_over_limit": "refund over the limit",
        "refund_too_old": "refund after the deadline",
        "account_locked": "account is locked",
        "code_refused": "code was refused",
        "payment_failed": "payment failed",
        "refused_by_policy": "the rules forbid it",
        "device": "device still fails",
        "language": "wants another language",
        "callback": "wants a callback",
        "frustrated": "seems frustrated",
        "confused": "seems confused",
        "urgent": "seems in a hurry",
        "asks_person": "asked for a person",
        "cancels": "wants to cancel",
        "complaint": "makes a complaint",
        "legal_threat": "speaks of legal steps",
        "emergency": "speaks of an emergency",
        "vulnerable": "may need particular care",
    },
    "es": {
        "caller_request": "pidió hablar con una persona",
        "repeated_failure": "no se le entendió",
        "no_input": "no se le oía",
        "tool_error": "falló un sistema",
        "pipeline_error": "falló el asistente",
        "time_limit": "la llamada se alargó",
        "upset": "está molesto",
        "refund_over_limit": "reembolso sobre el límite",
        "refund_too_old": "reembolso fuera de plazo",
        "account_locked": "cuenta bloqueada",
        "code_refused": "código rechazado",
        "payment_failed": "el pago falló",
        "refused_by_policy": "las normas lo impiden",
        "device": "el aparato sigue fallando",
        "language": "quiere otro idioma",
        "callback": "quiere que le llamen",
        "frustrated": "se nota frustración",
        "confused": "se nota confusión",
        "urgent": "se nota prisa",
        "asks_person": "pidió hablar con una persona",
        "cancels": "quiere darse de baja",
        "complaint": "presenta una queja",
        "legal_threat": "habla de acciones legales",
        "emergency": "habla de una emergencia",
        "vulnerable": "puede necesitar un trato cuidadoso",
    },
}

WISHES: Final[dict[str, Words]] = {
    "en": {
        "refund": "a refund",
        "address_change": "a new address",
        "payment": "to pay",
        "order_status": "the order status",
        "outage": "to report an outage",
        "device_help": "help with a device",
        "password_reset": "a new password",
        "book_visit": "to book a visit",
        "move_visit": "to move a visit",
        "cancel_visit": "to cancel a visit",
        "opening_hours": "the opening hours",
    },
    "es": {
        "refund": "un reembolso",
        "address_change": "cambiar la dirección",
        "payment": "pagar",
        "order_status": "el estado del pedido",
        "outage": "avisar de una avería",
        "device_help": "ayuda con un aparato",
        "password_reset": "una contraseña nueva",
        "book_visit": "reservar una visita",
        "move_visit": "mover una visita",
        "cancel_visit": "anular una visita",
        "opening_hours": "el horario",
    },
}

WISH_CUES: Final[dict[str, tuple[str, ...]]] = {
    "refund": ("refund", "money back", "reimburs", "return", "send it back", "sent it back", "reembols", "devol", "paid back"),
    "address_change": ("address", "moved", "dirección", "send it to", "move"),
    "payment": ("pay", "card", "pagar", "pago"),
    "order_status": ("order", "parcel", "package", "delivery", "pedido", "paquete", "where is my", "status"),
    "outage": ("outage", "power", "internet", "down", "no connection", "offline", "avería", "corte"),
    "device_help": ("device", "hub", "router", "light", "thermostat", "plug", "sensor", "not working", "amber", "blink", "aparato", "lamp"),
    "password_reset": ("password", "log in", "login", "locked out", "sign in", "contraseña", "account"),
    "book_visit": ("visit", "appointment", "technician", "come", "book", "install", "repair", "visita", "cita"),
    "move_visit": ("visit", "appointment", "move", "reschedule", "change", "visita", "cita"),
    "cancel_visit": ("cancel", "visit", "appointment", "anular", "visita", "cita"),
    "opening_hours": ("open", "hours", "close", "horario", "abre", "cierra"),
}
"""Parts of words by which the turn is found in which a wish was said."""

SLOTS: Final[dict[str, Words]] = {
    "en": {"order_number": "order", "order": "order", "phone": "phone", "postcode": "postcode", "new_address": "new address"},
    "es": {
        "order_number": "pedido",
        "order": "pedido",
        "phone": "teléfono",
        "amount": "importe",
        "postcode": "código postal",
        "new_address": "dirección nueva",
    },
}

PHRASES: Final[dict[str, Words]] = {
    "en": {
        "wants": "Wants {wish}.",
        "said": "Caller said: “{text}”",
        "told": "Agent said: “{text}”",
        "asks": "Unanswered: “{text}”",
        "failed": "{tool} failed.",
        "because": "Handed over: {reason}.",
        "slot": "{name}: {value}.",
        "ending": "Caller ending {digits}",
        "caller": "A caller",
        "callback": "To call back",
        "wish": "wants {wish}",
        "tool_failed": "{tool} failed",
    },
    "es": {
        "wants": "Quiere {wish}.",
        "said": "Dijo: «{text}»",
        "told": "El agente dijo: «{text}»",
        "asks": "Sin respuesta: «{text}»",
        "failed": "Falló {tool}.",
        "because": "Motivo: {reason}.",
        "slot": "{name}: {value}.",
        "ending": "Llamada de {digits}",
        "caller": "Una llamada",
        "callback": "Para devolver la llamada",
        "wish": "quiere {wish}",
        "tool_failed": "falló {tool}",
    },
}


PROMISED: Final[dict[str, tuple[tuple[re.Pattern[str], str], ...]]] = {
    "en": (
        (re.compile(r"refunded|reembols", re.IGNORECASE), "was refunded"),
        (re.compile(r"call you|llamar", re.IGNORECASE), "was promised a call"),
        (re.compile(r"visit is booked|cita .*reservada", re.IGNORECASE), "visit is booked"),
        (re.compile(r"visit is cancelled", re.IGNORECASE), "visit is cancelled"),
        (re.compile(r"should arrive|debería llegar", re.IGNORECASE), "was told a delivery date"),
    ),
    "es": (
        (re.compile(r"refunded|reembols", re.IGNORECASE), "ya reembolsado"),
        (re.compile(r"call you|llamar", re.IGNORECASE), "se prometió llamar"),
        (re.compile(r"visit is booked|cita .*reservada", re.IGNORECASE), "visita reservada"),
        (re.compile(r"visit is cancelled", re.IGNORECASE), "visita anulada"),
        (re.compile(r"should arrive|debería llegar", re.IGNORECASE), "se dio fecha de entrega"),
    ),
}
"""How a promise is said in a few words, by what its sentence holds."""


def words_for(tables: dict[str, Words], language: str) -> Words:
    """Of ``language``, English in its place."""
    return tables.get(language.lower().split("-")[0], tables["en"])


def in_words(tables: dict[str, Words], language: str, code: str) -> str:
    return words_for(tables, language).get(code) or code.replace("_", " ").replace(".", " ").strip()
