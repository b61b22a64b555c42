"""A shop's intents in few examples, and what its callers say in other words."""

from typing import Final

EXAMPLES: Final = {
    "order_status": [
        "where is my order",
        "has my parcel been sent",
        "when will my package arrive",
        "I would like to know the status of my delivery",
        "track my order please",
        "my order has not come yet",
    ],
    "refund": [
        "I want my money back",
        "can I get a refund",
        "I would like to return this and get my money",
        "please refund my purchase",
        "how do I send something back for a refund",
    ],
    "opening_hours": [
        "when are you open",
        "what are your opening hours",
        "are you open on sunday",
        "what time do you close",
        "until when is the shop open today",
    ],
    "broken_device": [
        "my thermostat does not work",
        "the camera is broken",
        "the light is flashing red",
        "my doorbell stopped working",
        "the device is offline",
        "it does not turn on any more",
    ],
    "book_visit": [
        "I need a technician to come by",
        "can I book an appointment",
        "please schedule a visit",
        "I would like somebody to install it",
        "make an appointment for an installation",
    ],
}
SAID: Final = (
    ("could you tell me where my parcel is", "order_status"),
    ("my package still has not arrived", "order_status"),
    ("I'd like a refund for this purchase, please", "refund"),
    ("give me back my money", "refund"),
    ("are you open tomorrow", "opening_hours"),
    ("what time do you open in the morning", "opening_hours"),
    ("the doorbell is broken", "broken_device"),
    ("my camera stopped working yesterday", "broken_device"),
    ("can a technician come to install the thermostat", "book_visit"),
    ("I want to book an appointment for a visit", "book_visit"),
)
