from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0004_incident')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Account',
            name='quota_read_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Account',
            name='quota_total',
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name='Account',
            name='quota_window_seconds',
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name='Place',
            name='tells_failures',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name='Target',
            name='link_tries',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.RunSQL(
            [
                # A team's failures are told in one place.
                "CREATE UNIQUE INDEX place_of_failures ON place (team_id) WHERE tells_failures",
                # What lacks its link is looked for later, a few times.
                """CREATE INDEX target_without_link ON target (published_at)
                    WHERE state = 'published' AND permalink = ''""",
                # How full an account is around a slot.
                "CREATE INDEX target_by_due ON target (account_id, due_at)",
            ],
            reverse_sql="DROP INDEX place_of_failures, target_without_link, target_by_due",
        ),
    ]
