from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from models.ids import new_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0002_guards')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Series',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('team', fields.ForeignKeyField('models.Team', source_field='team_id', db_constraint=True, to_field='id', related_name='series', on_delete=OnDelete.CASCADE)),
                ('author', fields.ForeignKeyField('models.Member', source_field='author_id', db_constraint=True, to_field='id', related_name='series', on_delete=OnDelete.CASCADE)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', related_name='series', on_delete=OnDelete.CASCADE)),
                ('template', fields.ForeignKeyField('models.Post', source_field='template_id', db_constraint=True, to_field='id', related_name='series', on_delete=OnDelete.CASCADE)),
                ('number', fields.IntField()),
                ('state', fields.TextField(default='active', unique=False)),
                ('rule', fields.TextField(unique=False)),
                ('dtstart', fields.TextField(unique=False)),
                ('zone', fields.TextField(unique=False)),
                ('next_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('skipped', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'series', 'app': 'models', 'unique_together': (('team', 'number'),), 'indexes': [Index(fields=['state', 'next_at'], name='series_by_next')], 'pk_attr': 'id', 'table_description': 'A rule that makes posts out of a template (a post that itself never goes out).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Occurrence',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('series', fields.ForeignKeyField('models.Series', source_field='series_id', db_constraint=True, to_field='id', related_name='occurrences', on_delete=OnDelete.CASCADE)),
                ('slot_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('post', fields.OneToOneField('models.Post', source_field='post_id', db_constraint=True, to_field='id', related_name='occurrence', on_delete=OnDelete.CASCADE)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'occurrence', 'app': 'models', 'unique_together': (('series', 'slot_at'),), 'pk_attr': 'id', 'table_description': 'One run of a series: unique by series and slot, so it becomes a post once.'},
            bases=['Model'],
        ),
        ops.AlterModelOptions(
            name='Team',
            options={'table': 'team', 'app': 'models', 'pk_attr': 'id', 'table_description': 'Those who post together. `next_number` numbers posts (`#142`), `next_series` series.'},
        ),
        ops.AddField(
            model_name='Team',
            name='next_series',
            field=fields.IntField(default=1, db_default=1),
        ),
    ]
