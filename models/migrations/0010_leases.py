"""Fewer indexes on targets, and room in their pages: claiming and taking touch no index then.

Leases had an index that every claim wrote to; who looks for them finds them among what is due.
Targets of a post are found by the index that keeps them single. An attempt is written twice.
Safe on a table of any size: nothing is rewritten or scanned, only new pages are filled less; the
indexes' locks are held for an instant, but wait for statements under way. Processes of the version
before go on running; one that is a clock reads the whole table at its turns until it is replaced.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Runs after the tables stand."""

    dependencies = [("models", "0009_token_renewal")]

    operations = [
        ops.RemoveIndex(model_name="Target", name="target_by_post"),
        ops.RunSQL(
            [
                "DROP INDEX target_leased",
                "ALTER TABLE target SET (fillfactor = 50)",
                "ALTER TABLE attempt SET (fillfactor = 50)",
            ],
            reverse_sql=[
                "CREATE INDEX target_leased ON target (lease_until) WHERE lease_until IS NOT NULL",
                "ALTER TABLE target RESET (fillfactor)",
                "ALTER TABLE attempt RESET (fillfactor)",
            ],
        ),
    ]
