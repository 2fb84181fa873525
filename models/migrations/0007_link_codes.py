from tortoise import migrations
from tortoise.migrations import operations as ops
from models.ids import new_id
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0006_rearrangement')]

    initial = False

    operations = [
        ops.CreateModel(
            name='LinkCode',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('member', fields.ForeignKeyField('models.Member', source_field='member_id', db_constraint=True, to_field='id', related_name='link_codes', on_delete=OnDelete.CASCADE)),
                ('used_by', fields.ForeignKeyField('models.Member', source_field='used_by_id', null=True, db_constraint=True, to_field='id', related_name='used_link_codes', on_delete=OnDelete.CASCADE)),
                ('code_hash', fields.TextField(unique=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('confirmed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'link_code', 'app': 'models', 'unique_together': (('code_hash',),), 'indexes': [Index(fields=['member_id'], name='link_code_by_member')], 'pk_attr': 'id', 'table_description': 'A code that `member` asked for. The code itself is told once and kept as a hash.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Place',
            name='person',
            field=fields.ForeignKeyField('models.Member', source_field='person_id', null=True, db_constraint=True, to_field='id', related_name='own_places', on_delete=OnDelete.SET_NULL),
        ),
        ops.AddIndex(
            model_name='Place',
            index=Index(fields=['person_id'], name='place_by_person'),
        ),
        ops.RunSQL(
            # Until now only Telegram was there, whose private chats have the id of their person.
            """UPDATE place SET person_id = identity.member_id FROM chat_identity identity
                WHERE place.purpose = 'direct' AND identity.chat = place.chat
                AND identity.workspace = place.workspace
                AND identity.external_id = place.chat_id""",
            reverse_sql="SELECT 1",
        ),
    ]
