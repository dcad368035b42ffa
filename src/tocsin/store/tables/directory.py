"""The tables of the directory: domains, what belongs to each, who may do what, and what they changed."""

from typing import Final

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, text

from tocsin.store.tables.columns import Bytes, flag, metadata, number, text_column

domain: Final = Table(
    "domain",
    metadata,
    Column("id", Bytes, primary_key=True),
    text_column("name"),
    number("next_seq"),
    number("next_object"),
    number("discovered"),
    number("recorded_at"),
    number("created_at"),
    number("next_audit"),
    number("next_configured"),
    number("world_version"),
)
"""A tenant, with the counters that every batch takes under this row's lock."""

pull: Final = Table(
    "pull",
    metadata,
    text_column("domain_id"),
    text_column("source_id"),
    text_column("node"),
    number("leased_until"),
    number("connected_at"),
    text_column("trouble"),
    number("heard_at"),
    number("failed_at"),
    number("next_attempt_at"),
    PrimaryKeyConstraint("domain_id", "source_id", name="pk_pull"),
)
"""Which node fetches what a source has to say, until when that is its own, and how it goes."""

gap: Final = Table(
    "gap",
    metadata,
    text_column("domain_id"),
    text_column("source_id"),
    number("began_at"),
    number("ended_at"),
    number("differences"),
    text_column("reason"),
    PrimaryKeyConstraint("domain_id", "source_id", "began_at", name="pk_gap"),
)
"""When nothing was heard of a source that is fetched from, and what was recorded of it after all."""

project: Final = Table(
    "project",
    metadata,
    Column("id", Bytes, primary_key=True),
    text_column("domain_id"),
    text_column("name"),
    number("created_at"),
    Index("ix_project_domain_id_name", "domain_id", "name", unique=True),
)

source: Final = Table(
    "source",
    metadata,
    Column("id", Bytes, primary_key=True),
    text_column("domain_id"),
    text_column("project_id"),
    text_column("name"),
    text_column("format"),
    flag("enabled"),
    text_column("access_key"),
    text_column("key_hash"),
    text_column("options"),
    number("created_at"),
    text_column("tags"),
    text_column("plugin"),
    text_column("secret"),
    Index("ix_source_key_hash", "key_hash", unique=True),
    Index("ix_source_project_id_name", "domain_id", "project_id", "name", unique=True),
)
"""`options`, `tags` and `plugin` are JSON; '' is none."""

alert_config: Final = Table(
    "alert_config",
    metadata,
    text_column("domain_id"),
    text_column("project_id"),
    text_column("recovery_mode"),
    text_column("notification_urgency"),
    text_column("escalation_policy_id"),
    number("created_at"),
    PrimaryKeyConstraint("domain_id", "project_id", name="pk_alert_config"),
)
"""How alerts arise in a project. Where there is none, clients of Cloudforet post no events to it."""

escalation_policy: Final = Table(
    "escalation_policy",
    metadata,
    Column("id", Bytes, primary_key=True),
    text_column("domain_id"),
    text_column("name"),
    text_column("project_id"),
    text_column("finish_condition"),
    flag("is_default"),
    text_column("tags"),
    number("created_at"),
    Index("ix_escalation_policy_domain_id", "domain_id"),
)
"""To whom alerts go; `project_id` is '' where it is for all of the domain. `tags` is JSON."""

intake_rule: Final = Table(
    "intake_rule",
    metadata,
    Column("id", Bytes, primary_key=True),
    text_column("domain_id"),
    text_column("project_id"),
    text_column("name"),
    number("position"),
    text_column("conditions"),
    text_column("requires"),
    text_column("effect"),
    text_column("tags"),
    number("created_at"),
    Index("ix_intake_rule_domain_id", "domain_id"),
)
"""What a project does with signals. `conditions`, `effect` and `tags` are JSON."""

account: Final = Table(
    "account",
    metadata,
    Column("id", Bytes, primary_key=True),
    text_column("domain_id"),
    text_column("name"),
    text_column("password_hash"),
    number("created_at"),
    text_column("role_id"),
    flag("disabled"),
    text_column("issuer"),
    text_column("subject"),
    Index("ix_account_name", "name", unique=True),
    Index(
        "ix_account_subject",
        "issuer",
        "subject",
        unique=True,
        sqlite_where=text("subject <> ''"),
        postgresql_where=text("subject <> ''"),
    ),
)
"""The users. (`user` is a reserved word in SQL.) `issuer` and `subject` say who they are at an identity
provider, '' where they never came by one."""

token: Final = Table(
    "token",
    metadata,
    Column("id", Bytes, primary_key=True),
    text_column("domain_id"),
    text_column("account_id"),
    text_column("name"),
    text_column("token_hash"),
    number("created_at"),
    number("expires_at"),
    text_column("kind"),
    text_column("scopes"),
    number("used_at"),
    Index("ix_token_token_hash", "token_hash", unique=True),
)

configuration: Final = Table(
    "configuration",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    number("version"),
)
"""One row: its version grows with every change of what the nodes keep in memory."""

role: Final = Table(
    "role",
    metadata,
    Column("id", Bytes, primary_key=True),
    text_column("domain_id"),
    text_column("name"),
    text_column("permissions"),
    text_column("scope"),
    number("created_at"),
    Index("ix_role_domain_id_name", "domain_id", "name", unique=True),
)
"""What users may do, and on what. `permissions` is a JSON list, `scope` an expression."""

audit: Final = Table(
    "audit",
    metadata,
    text_column("domain_id"),
    number("seq"),
    number("recorded_at"),
    text_column("author"),
    text_column("via"),
    text_column("action"),
    text_column("subject"),
    text_column("subject_id"),
    text_column("subject_name"),
    text_column("details"),
    text_column("folded_rest"),
    PrimaryKeyConstraint("domain_id", "seq", name="pk_audit"),
)
"""Every change that somebody made, and what it changed: `details` is JSON and never holds a secret."""
