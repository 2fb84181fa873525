from tortoise import migrations
from tortoise.migrations import operations as ops
from models.ids import new_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0003_series')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Incident',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('platform', fields.TextField(unique=False)),
                ('app', fields.TextField(default='', unique=False)),
                ('opened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('touched_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('settled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('left', fields.IntField(default=0)),
            ],
            options={'table': 'incident', 'app': 'models', 'indexes': [Index(fields=['settled_at', 'platform'], name='incident_by_settled')], 'pk_attr': 'id', 'table_description': 'A platform (for one of our apps there) did not answer; one is open at a time.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='IncidentPost',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('incident', fields.ForeignKeyField('models.Incident', source_field='incident_id', db_constraint=True, to_field='id', related_name='posts', on_delete=OnDelete.CASCADE)),
                ('post', fields.ForeignKeyField('models.Post', source_field='post_id', db_constraint=True, to_field='id', related_name='incidents', on_delete=OnDelete.CASCADE)),
            ],
            options={'table': 'incident_post', 'app': 'models', 'unique_together': (('incident', 'post'),), 'pk_attr': 'id', 'table_description': 'A post that an outage made wait.'},
            bases=['Model'],
        ),
        ops.RunSQL(
            [
                # One outage of a platform is open at a time, whoever notices it.
                "CREATE UNIQUE INDEX incident_open ON incident (platform, app) WHERE closed_at IS NULL",
                # Posts that look the same are looked up by the caption's hash.
                "CREATE INDEX post_by_caption ON post (team_id, md5(caption))",
            ],
            reverse_sql="DROP INDEX incident_open, post_by_caption",
        ),
    ]
