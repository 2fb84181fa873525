from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from models.ids import new_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0005_policies')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Rearrangement',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('team', fields.ForeignKeyField('models.Team', source_field='team_id', db_constraint=True, to_field='id', related_name='rearrangements', on_delete=OnDelete.CASCADE)),
                ('member', fields.ForeignKeyField('models.Member', source_field='member_id', db_constraint=True, to_field='id', related_name='rearrangements', on_delete=OnDelete.CASCADE)),
                ('place', fields.ForeignKeyField('models.Place', source_field='place_id', db_constraint=True, to_field='id', related_name='rearrangements', on_delete=OnDelete.CASCADE)),
                ('kind', fields.TextField(unique=False)),
                ('state', fields.TextField(default='listed', unique=False)),
                ('rev', fields.IntField(default=0)),
                ('message_ref', fields.TextField(default='', unique=False)),
                ('wanted', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('changes', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('applied_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('undo_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'rearrangement', 'app': 'models', 'indexes': [Index(fields=['team_id', 'kind', 'applied_at'], name='rearrangement_by_kind')], 'pk_attr': 'id', 'table_description': 'A list of changes to planned posts.'},
            bases=['Model'],
        ),
    ]
