"""The bus between the services: one port, an embedded log and Apache Kafka behind it."""
