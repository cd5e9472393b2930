package carbonops.testbed.is7;

import java.io.IOException;

import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.wso2.carbon.base.MultitenantConstants;
import org.wso2.carbon.context.PrivilegedCarbonContext;

/** Hands requests to the endpoints, as the super tenant, and turns what they throw into answers. */
final class EndpointServlet extends HttpServlet {
    private static final Log LOG = LogFactory.getLog(EndpointServlet.class);
    private static final long serialVersionUID = 1L;

    private final transient Endpoints endpoints;

    EndpointServlet(Endpoints endpoints) {
        this.endpoints = endpoints;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        PrivilegedCarbonContext.startTenantFlow();
        try {
            PrivilegedCarbonContext context = PrivilegedCarbonContext.getThreadLocalCarbonContext();
            context.setTenantId(MultitenantConstants.SUPER_TENANT_ID);
            context.setTenantDomain(MultitenantConstants.SUPER_TENANT_DOMAIN_NAME);
            answer(request).write(response);
        } finally {
            PrivilegedCarbonContext.endTenantFlow();
        }
    }

    private Answer answer(HttpServletRequest request) {
        try {
            return endpoints.answer(new Request(request));
        } catch (Refusal refusal) {
            return refusal.answer();
        } catch (Exception failure) {
            LOG.error("Failed to answer " + request.getMethod() + " " + request.getRequestURI(), failure);
            return Answer.error(500, "server_error", "Internal Server Error.");
        }
    }
}
