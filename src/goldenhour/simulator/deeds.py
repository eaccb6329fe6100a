"""What each kind of simulated person does; how long they take over it is data (`demand.toml`)."""

from enum import StrEnum


class SeatDeed(StrEnum):
    ACKNOWLEDGE_ALERT = "acknowledge_alert"
    OPEN = "open"
    JOIN = "join"
    LOCATE = "locate"
    COMPLAINT = "complaint"
    SEND = "send"
    ASK = "ask"
    END = "end"
    SEND_WAITING = "send_waiting"
    CLOSE = "close"
    RING_BACK = "ring_back"
    ANSWER = "answer"


class CrewDeed(StrEnum):
    """The milestones, and a crew's errands between them."""

    ACKNOWLEDGE = "acknowledged"
    DEPART = "departed"
    ARRIVE = "on_scene"
    MEET = "at_patient"
    REGISTER = "register"
    LOAD = "loaded"
    CHOOSE = "choose"
    PREALERT = "prealert"
    LEAVE = "left_scene"
    REACH_HOSPITAL = "at_hospital"
    SIGN = "sign"
    HAND_OVER = "handed_over"
    CLEAR = "cleared"
    READ = "read"  # that the run was called off
    SEE = "see"  # that the patient got worse


class WardDeed(StrEnum):
    REPORT = "report"
    ACKNOWLEDGE = "acknowledge"
    DECLINE = "decline"
    SIGN = "sign"
    SEE = "see"  # that somebody is not coming
