"""What Tortoise's models cannot say: partial indexes, legal moves, wake-ups, an append-only table."""

from tortoise import migrations
from tortoise.migrations import operations as ops

_INDEXES = (
    """CREATE INDEX target_due ON target (next_attempt_at)
        WHERE state IN ('scheduled','preparing','waiting_media','ready','publishing','deferred')""",
    "CREATE INDEX target_leased ON target (lease_until) WHERE lease_until IS NOT NULL",
    "CREATE INDEX delivery_waiting ON delivery (next_attempt_at) WHERE state = 'waiting'",
    "CREATE INDEX outbox_open ON outbox (created_at) WHERE fanned_out_at IS NULL",
    "CREATE INDEX inbox_waiting ON inbox (ready_at) WHERE state = 'waiting'",
    "CREATE INDEX media_pending ON media (next_attempt_at) WHERE state = 'pending'",
    "CREATE UNIQUE INDEX prompt_open ON prompt (place_id, member_id) WHERE closed_at IS NULL",
)

_MOVES = """
CREATE FUNCTION post_move_is_legal(was text, becomes text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT (was, becomes) IN (
            ('draft','awaiting_approval'), ('draft','cancelled'), ('draft','committed'), ('awaiting_approval','cancelled'),
            ('awaiting_approval','committed'), ('awaiting_approval','draft'), ('committed','awaiting_approval'), ('committed','cancelled'),
            ('committed','draft'), ('cancelled','awaiting_approval'), ('cancelled','committed'), ('cancelled','draft')
    )
$$;
CREATE FUNCTION target_move_is_legal(was text, becomes text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT (was, becomes) IN (
            ('draft','awaiting_approval'), ('draft','cancelled'), ('draft','scheduled'), ('awaiting_approval','cancelled'),
            ('awaiting_approval','draft'), ('awaiting_approval','scheduled'), ('scheduled','blocked'), ('scheduled','cancelled'),
            ('scheduled','deferred'), ('scheduled','draft'), ('scheduled','failed'), ('scheduled','late'),
            ('scheduled','preparing'), ('preparing','blocked'), ('preparing','cancelled'), ('preparing','deferred'),
            ('preparing','failed'), ('preparing','late'), ('preparing','ready'), ('preparing','scheduled'),
            ('preparing','waiting_media'), ('waiting_media','blocked'), ('waiting_media','cancelled'), ('waiting_media','deferred'),
            ('waiting_media','failed'), ('waiting_media','late'), ('waiting_media','preparing'), ('waiting_media','ready'),
            ('waiting_media','scheduled'), ('ready','blocked'), ('ready','cancelled'), ('ready','deferred'),
            ('ready','failed'), ('ready','late'), ('ready','preparing'), ('ready','publishing'),
            ('ready','scheduled'), ('publishing','blocked'), ('publishing','deferred'), ('publishing','failed'),
            ('publishing','preparing'), ('publishing','published'), ('publishing','ready'), ('publishing','unconfirmed'),
            ('unconfirmed','cancelled'), ('unconfirmed','published'), ('unconfirmed','scheduled'), ('late','cancelled'),
            ('late','scheduled'), ('deferred','blocked'), ('deferred','cancelled'), ('deferred','failed'),
            ('deferred','preparing'), ('deferred','publishing'), ('deferred','ready'), ('deferred','scheduled'),
            ('deferred','waiting_media'), ('blocked','cancelled'), ('blocked','late'), ('blocked','scheduled'),
            ('failed','cancelled'), ('failed','scheduled'), ('cancelled','draft'), ('cancelled','scheduled')
    )
$$;
CREATE FUNCTION refuse_post_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT post_move_is_legal(OLD.stage, NEW.stage) THEN
        RAISE EXCEPTION 'post % may not go from % to %', OLD.id, OLD.stage, NEW.stage
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION refuse_target_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT target_move_is_legal(OLD.state, NEW.state) THEN
        RAISE EXCEPTION 'target % may not go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER post_moves BEFORE UPDATE OF stage ON post FOR EACH ROW
    WHEN (OLD.stage IS DISTINCT FROM NEW.stage) EXECUTE FUNCTION refuse_post_move();
CREATE TRIGGER target_moves BEFORE UPDATE OF state ON target FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION refuse_target_move();
"""

_WAKE = """
CREATE FUNCTION wake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('postcue_' || TG_TABLE_NAME, '');
    RETURN NULL;
END $$;
CREATE TRIGGER inbox_wake AFTER INSERT ON inbox FOR EACH STATEMENT EXECUTE FUNCTION wake();
CREATE TRIGGER outbox_wake AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION wake();
CREATE TRIGGER media_wake AFTER INSERT ON media FOR EACH STATEMENT EXECUTE FUNCTION wake();
CREATE TRIGGER target_wake AFTER INSERT ON target FOR EACH STATEMENT EXECUTE FUNCTION wake();
"""

_AUDIT = """
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is only ever appended to' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
"""

_BACK = """
DROP TRIGGER audit_append_only ON audit;
DROP TRIGGER inbox_wake ON inbox;
DROP TRIGGER outbox_wake ON outbox;
DROP TRIGGER media_wake ON media;
DROP TRIGGER target_wake ON target;
DROP TRIGGER post_moves ON post;
DROP TRIGGER target_moves ON target;
DROP FUNCTION refuse_audit_change();
DROP FUNCTION wake();
DROP FUNCTION refuse_post_move();
DROP FUNCTION refuse_target_move();
DROP FUNCTION post_move_is_legal(text, text);
DROP FUNCTION target_move_is_legal(text, text);
DROP INDEX target_due, target_leased, delivery_waiting, outbox_open, inbox_waiting, media_pending, prompt_open;
"""


class Migration(migrations.Migration):
    """Runs after the tables stand."""

    dependencies = [("models", "0001_initial")]

    operations = [
        ops.RunSQL([*_INDEXES, _MOVES, _WAKE, _AUDIT], reverse_sql=_BACK),
    ]
