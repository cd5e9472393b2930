package org.wso2.config.mapper;

import java.nio.file.Path;
import java.util.Map;

import org.wso2.config.mapper.model.Context;

/** The first of the mapper's steps alone: what the server reads in a file, by dotted keys. In this package because that step is not public. */
public final class ServerReader {
    private ServerReader() {
    }

    public static Map<String, Object> read(Path file) throws ConfigParserException {
        ConfigParser.ConfigPaths.setPaths(file.toString(), "", "");
        return TomlParser.parse(new Context()).getTemplateData();
    }
}
