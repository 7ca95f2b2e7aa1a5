"""How the page sends: in order, each message until it is acknowledged, and never another one under
the same client_id. Played through like connection_test.py."""
import pytest


def test_nothing_is_sent_before_the_last_page_of_the_history(play):
    before, after = play("""
        world.line.send('hello');
        const first = await world.start();
        first.begins(2, {messages: [{id: 1, user_id: 2, text: 'a', ts: 1}], to: 1, more: true});
        const before = first.sent.length;
        first.says({type: 'history', messages: [{id: 2, user_id: 2, text: 'b', ts: 1}],
                    from: 2, to: 2, head: 2, more: false, epoch: 'e1', reset: false});
        return [before, first.sent.map(frame => frame.text)];""")
    assert (before, after) == (0, ["hello"])


def test_messages_go_one_by_one_and_leave_the_outbox_only_when_acknowledged(play):
    assert play("""
        const first = await world.start();
        first.begins(0);
        world.line.send('one');
        world.line.send('two');
        const log = [first.sent.length, world.outbox().entries.length];
        first.hears(1, 'one', 1);
        first.acks(first.sent[0], 1);
        log.push(first.sent.length, world.outbox().entries.length);
        first.hears(2, 'two', 1);
        first.acks(first.sent[1], 2);
        log.push(world.outbox().entries.length, world.line.outbox.entries.length);
        return log;""") == [1, 2, 2, 1, 0, 0]


def test_without_an_acknowledgement_the_same_client_id_is_sent_again(play):
    first, second, gone = play("""
        const first = await world.start();
        first.begins(0);
        world.line.send('one');
        await world.pass(10000);
        const second = world.socket();
        second.begins(0);
        return [first.sent[0], second.sent[0], first.closed];""")
    assert first == second and first["text"] == "one" and len(first["client_id"]) <= 64
    assert gone


def test_a_reloaded_page_sends_what_it_finds_with_the_same_client_id(play):
    assert play("""
        const first = await world.start();
        first.begins(0);
        world.line.send('one');
        world.line.stop();
        const [entry] = world.outbox().entries;
        return [entry.clientId === first.sent[0].client_id, entry.tried, entry.state];
        """) == [True, True, "waiting"]


def test_a_message_that_was_stored_without_an_ack_is_shown_once(play):
    assert play("""
        const first = await world.start();
        first.begins(0);
        world.line.send('one');
        first.drops(1006);
        await world.pass(500);
        const second = world.socket();
        second.begins(1, {messages: [{id: 1, user_id: 1, text: 'one', ts: 1}]});
        const [entry] = world.line.outbox.entries;
        const shownAs = entry.seq;
        second.acks(second.sent[0], 1);
        return [shownAs, world.ids(), world.waiting()];""") == [1, [1], []]


def test_too_fast_waits_as_told_and_keeps_the_order(play):
    assert play("""
        const first = await world.start();
        first.begins(0);
        world.line.send('one');
        world.line.send('two');
        first.says({type: 'rate_limited', retry_after: 8, message: '',
                    client_id: first.sent[0].client_id});
        world.line.send('three');
        await world.pass(7999);
        const early = first.sent.length;
        await world.pass(1);
        const same = first.sent[0].client_id === first.sent[1].client_id;
        first.acks(first.sent[1], 1);
        return [early, same, first.sent.map(frame => frame.text)];
        """) == [1, True, ["one", "one", "two"]]


@pytest.mark.parametrize("code", ["unavailable", "overloaded"])
def test_a_server_that_cannot_store_is_asked_again_later(play, code):
    assert play(f"""
        const first = await world.start();
        first.begins(0);
        world.line.send('one');
        first.says({{type: 'error', code: '{code}', detail: '', retry_after: 2,
                    client_id: first.sent[0].client_id}});
        await world.pass(2000);
        return [first.sent.length, world.waiting()];""") == [2, [["one", "waiting"]]]


def test_a_refused_message_stays_to_be_corrected_and_does_not_hold_up_the_next(play):
    assert play("""
        const first = await world.start();
        first.begins(0);
        world.line.send('one');
        world.line.send('two');
        first.says({type: 'error', code: 'too_large', detail: '',
                    client_id: first.sent[0].client_id});
        const {clientId} = world.line.outbox.entries[0];
        const states = world.waiting();
        return [states, first.sent.map(frame => frame.text), world.line.withdraw(clientId)];
        """) == [[["one", "failed"], ["two", "waiting"]], ["one", "two"], "one"]


def test_an_ack_of_another_epoch_makes_it_resume(play):
    assert play("""
        const first = await world.start();
        first.begins(0);
        world.line.send('one');
        first.acks(first.sent[0], 1, 'e2');
        await world.settle();
        return [first.closed, world.sockets.length];""") == [True, 2]


@pytest.mark.parametrize("code", [1007, 1009])
def test_a_frame_that_the_server_cannot_stand_is_not_sent_again(play, code):
    assert play(f"""
        const first = await world.start();
        first.begins(0);
        world.line.send('one');
        first.drops({code});
        await world.pass(500);
        world.socket().begins(0);
        return [world.socket().sent, world.waiting()];""") == [[], [["one", "failed"]]]
