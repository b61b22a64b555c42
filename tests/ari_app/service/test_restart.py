from hypothesis import given
from hypothesis import strategies as st

from ari_app.service.restart import RestartPolicy


def test_first_restart_is_quick_and_repeated_ones_slow_down() -> None:
    policy = RestartPolicy(first_s=0.1, longest_s=1.0, healthy_s=30)
    assert [policy.delay(lived_s=0.5) for _ in range(6)] == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


def test_a_healthy_life_resets_the_delay() -> None:
    policy = RestartPolicy()
    for _ in range(5):
        policy.delay(lived_s=0)
    assert policy.delay(lived_s=31) == policy.first_s


@given(st.lists(st.floats(min_value=0, max_value=1e6), max_size=50))
def test_delay_stays_within_its_bounds(lives: list[float]) -> None:
    policy = RestartPolicy()
    assert all(policy.first_s <= policy.delay(lived_s=life) <= policy.longest_s for life in lives)
