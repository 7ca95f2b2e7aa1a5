"""How the page keeps its line to the server, played through with scripted sockets and a scripted
clock: the cases that a real server produces too rarely or too fast to be caught in the act."""
import pytest


def test_the_first_connect_asks_for_the_latest_and_a_later_one_resumes(play):
    first, second = play("""
        const first = await world.start();
        first.begins(3);
        first.hears(4);
        first.drops(1006);
        await world.pass(500);
        return [first.query, world.socket().query];""")
    assert first == {"token": "token1", "since": "latest"}
    assert second == {"token": "token1", "since": "4", "epoch": "e1"}


def test_a_gap_is_never_shown_and_is_fetched_by_resuming(play):
    ids, closed, query, after = play("""
        const first = await world.start();
        first.begins(3);
        first.hears(4);
        first.hears(6);
        const ids = world.ids();
        await world.pass(500);
        const second = world.socket();
        second.begins(6, {messages: [5, 6].map(id => ({id, user_id: 2, text: 'x', ts: 1}))});
        return [ids, first.closed, second.query.since, world.ids()];""")
    assert (ids, closed, query, after) == ([4], True, "4", [4, 5, 6])


def test_a_message_that_comes_twice_is_kept_once(play):
    assert play("""
        const first = await world.start();
        first.begins(0);
        [1, 2, 2, 1, 3].forEach(id => first.hears(id));
        return world.ids();""") == [1, 2, 3]


def test_a_reset_replaces_what_was_there(play):
    assert play("""
        const first = await world.start();
        first.begins(0);
        [1, 2, 3].forEach(id => first.hears(id));
        first.drops(1012);
        await world.pass(500);
        let told = null;
        world.line.addEventListener('replaced', event => { told = event.detail.reset; });
        const second = world.socket();
        second.begins(2, {messages: [{id: 2, user_id: 2, text: 'x', ts: 1}], epoch: 'e2',
                          reset: true});
        second.drops(1006);
        await world.pass(1000);
        return [world.ids(), told, world.socket().query.epoch];""") == [[2], True, "e2"]


def test_too_much_to_catch_up_starts_over_with_the_newest(play):
    assert play("""
        const first = await world.start();
        first.begins(3);
        first.drops(1006);
        await world.pass(500);
        world.socket().begins(40, {head: 5000, more: true});
        await world.settle();
        return world.socket().query.since;""") == "latest"


def test_the_waits_grow_to_a_bound_and_start_over_after_a_good_line(play):
    waits, again = play("""
        await world.start();
        const waits = [];
        for (let i = 0; i < 7; i++) {
          world.socket().begins(0);
          world.socket().drops(1006);
          waits.push(world.leftMs());
          await world.pass(world.leftMs());
        }
        world.socket().begins(0);
        await world.pass(5000);
        world.socket().drops(1006);
        return [waits, world.leftMs()];""")
    assert waits == [500, 1000, 2000, 4000, 8000, 15000, 15000]
    assert again == 500


def test_an_expired_token_is_replaced_before_coming_back(play):
    assert play("""
        const first = await world.start();
        first.begins(0);
        first.drops(4010);
        await world.settle();
        return [world.sockets.length, world.socket().query.token];""") == [2, "token2"]


@pytest.mark.parametrize("code, reason", [
    (4003, "signed_out"), (4004, "not_member"), (4009, "flooding"), (4011, "removed"),
    (4042, "refused")])
def test_a_final_close_code_is_final(play, code, reason):
    assert play(f"""
        const first = await world.start();
        first.begins(0);
        first.drops({code});
        await world.pass(600000);
        return [world.sockets.length, world.line.state.phase, world.line.state.reason];
        """) == [1, "ended", reason]


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011, 1012, 1013, 4108, 4113])
def test_other_close_codes_come_back(play, code):
    assert play(f"""
        const first = await world.start();
        first.begins(0);
        first.drops({code});
        await world.pass(500);
        return world.sockets.length;""") == 2


def test_a_refused_handshake_is_explained_by_the_history(play):
    assert play("""
        await world.start();
        world.refuses = ['refused', {status: 404}];
        world.socket().drops(1006);
        await world.pass(500);
        const asked = world.asked;
        world.socket().drops(1006);
        await world.settle();
        return [asked, world.asked, world.line.state.reason];""") == [0, 1, "not_member"]


def test_a_server_that_is_away_is_tried_again_after_asking(play):
    assert play("""
        await world.start();
        world.refuses = ['network'];
        world.socket().drops(1006);
        await world.pass(500);
        world.socket().drops(1006);
        await world.settle();
        const {phase} = world.line.state;
        await world.pass(1000);
        return [phase, world.sockets.length];""") == ["waiting", 3]


def test_a_server_that_accepts_and_says_nothing_is_given_up(play):
    assert play("""
        const first = await world.start();
        first.open();
        await world.pass(15000);
        return [first.closed, world.line.state.phase];""") == [True, "waiting"]


def test_a_stopped_line_stays_stopped(play):
    assert play("""
        const first = await world.start();
        first.begins(0);
        world.line.stop();
        world.line.reconnect();
        world.line.retryIfWaiting();
        await world.pass(600000);
        return [world.sockets.length, first.closed];""") == [1, True]


def test_unknown_frames_are_ignored(play):
    assert play("""
        const first = await world.start();
        first.begins(0);
        first.says({type: 'typing', user_id: 2});
        first.says(null);
        first.onmessage({data: 'no JSON'});
        first.hears(1);
        return [world.ids(), world.line.state.phase];""") == [[1], "live"]


def test_a_long_transcript_forgets_its_oldest_part_and_knows_it(page):
    assert page.driver.execute_async_script("""
        const done = arguments[0];
        import('/assets/transcript.js').then(({Transcript}) => {
          const transcript = new Transcript();
          const messages = [...Array(700).keys()].map((n) => ({id: n + 1}));
          transcript.replace({messages, epoch: 'e', to: 700});
          const before = transcript.atStart;
          const gone = transcript.trim(300);
          const back = transcript.prepend(messages.slice(300, 400), 100).length;
          done([before, gone, back, transcript.first, transcript.last, transcript.atStart]);
        });""") == [True, 400, 100, 301, 700, False]
