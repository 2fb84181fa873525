from tortoise import migrations
from tortoise.migrations import operations as ops
from models.ids import new_id
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0007_link_codes')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Installation',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('chat', fields.TextField(unique=False)),
                ('workspace', fields.TextField(unique=False)),
                ('is_org', fields.BooleanField(default=False)),
                ('name', fields.TextField(default='', unique=False)),
                ('app_id', fields.TextField(default='', unique=False)),
                ('bot_user', fields.TextField(default='', unique=False)),
                ('scopes', fields.TextField(default='', unique=False)),
                ('sealed_token', fields.TextField(default='', unique=False)),
                ('installed_by', fields.TextField(default='', unique=False)),
                ('installed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'installation', 'app': 'models', 'unique_together': (('chat', 'workspace'),), 'pk_attr': 'id', 'table_description': 'An app in a workspace, or in every workspace of an organisation (`is_org`).'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='InstallState',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new_id, unique=True, db_index=True)),
                ('chat', fields.TextField(unique=False)),
                ('state_hash', fields.CharField(unique=True, max_length=64)),
                ('cookie_hash', fields.TextField(unique=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'install_state', 'app': 'models', 'pk_attr': 'id', 'table_description': 'One way to install, used once, for ten minutes, in one browser. Only hashes are kept.'},
            bases=['Model'],
        ),
    ]
